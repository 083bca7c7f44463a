/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration's files: their metadata, putting those of the root, and their key. */
#include <errno.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "contract/paths.h"
#include "hash/sha256-fields.h"
#include "plan/part-impl.h"

/* Directories above a file have its owner, and its mode with x wherever it has r, w or x. */
struct tree_meta part_file_dirs(const struct config_file *f)
{
	uint32_t mode = f->mode;

	for (unsigned shift = 0; shift <= 6; shift += 3)
		if (f->mode & (7u << shift))
			mode |= 1u << shift;
	return (struct tree_meta){
		.mode = S_IFDIR | mode, .uid = f->uid, .gid = f->gid, .mtime = BUILD_TIME};
}

static int open_source(const struct config_file *f, struct reader **ret, struct werr **err)
{
	int fd, r;

	r = file_open(f->source, &fd, err);
	if (r == 0)
		*ret = fd_reader_new(fd, FD_OWNED, f->source);
	return r;
}

struct tree_meta part_file_meta(const struct config_file *f)
{
	static const uint32_t types[] = {
		[FILE_CONTENTS] = S_IFREG,
		[FILE_SOURCE] = S_IFREG,
		[FILE_METADATA] = S_IFREG,
		[FILE_DIRECTORY] = S_IFDIR,
		[FILE_SYMLINK] = S_IFLNK,
	};

	return (struct tree_meta){.mode = types[f->kind] | f->mode,
		.uid = f->uid,
		.gid = f->gid,
		.mtime = BUILD_TIME};
}

int part_put_file(struct tree *t, const char *path, const struct config_file *f, struct werr **err)
{
	const struct tree_meta dirs = part_file_dirs(f), meta = part_file_meta(f);
	CLEANUP(reader) struct reader *content = NULL;

	if (f->kind == FILE_SOURCE) {
		int r = open_source(f, &content, err);
		if (r < 0)
			return r;
	} else if (S_ISREG(meta.mode)) {
		content = mem_reader_new(f->contents, f->size);
	}
	return tree_merge(t, path, &meta, f->target, content, &dirs, NULL, err);
}

static bool is_in_bundle(const struct config_file *f)
{
	return str_after(f->path, CONTAINERS_DIR "/") != NULL;
}

bool part_file_is_wanted(const struct config_file *f, bool into_bundles)
{
	return is_in_bundle(f) == into_bundles &&
	       !(f->kind == FILE_SOURCE && f->optional && !file_exists(f->source));
}

bool part_has_files(const struct plan *p, const struct part *part)
{
	for (size_t i = 0; i < p->config->n_files; i++)
		if (part_has_path(part, p->config->files[i].path))
			return true;
	return false;
}

int part_put_files(const struct plan *p, struct part_content *c, struct werr **err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < p->config->n_files; i++) {
		const struct config_file *f = &p->config->files[i];

		if (!part_file_is_wanted(f, false))
			continue;
		part_content_set_origin_at(c, "linuxkit.files", "files", i);
		r = part_put_file(c->tree, f->path, f, err);
		if (r < 0)
			node_place(err, f->node);
	}
	return r;
}

/* By the digest of what is in it, so that an empty file is not a missing one. */
static int add_source(struct sha256 *h, const struct config_file *f)
{
	CLEANUP(sha256) struct sha256 *bytes = sha256_new();
	CLEANUP(writer) struct writer *to = sha256_writer_new(NULL, bytes);
	CLEANUP(reader) struct reader *from = NULL;
	char hex[SHA256_HEX + 1];
	struct stat st;
	int fd, r;

	if (stat(f->source, &st) < 0) {
		sha256_add_text(h, NULL);
		return f->optional ? 0 : -errno;
	}
	if (!S_ISREG(st.st_mode))
		return -ENOTSUP;
	r = file_open(f->source, &fd, NULL);
	if (r < 0)
		return r;
	from = fd_reader_new(fd, FD_OWNED, f->source);
	r = io_copy(from, to, NULL, NULL);
	sha256_hex(bytes, hex);
	sha256_add_text(h, hex);
	return r;
}

static int add_file(struct sha256 *h, const struct config_file *f)
{
	sha256_add_number(h, f->kind);
	sha256_add_text(h, f->path);
	sha256_add_number(h, f->mode);
	sha256_add_number(h, f->uid);
	sha256_add_number(h, f->gid);
	sha256_add_text(h, f->target);
	if (f->kind == FILE_SOURCE)
		return add_source(h, f);
	sha256_add_field(h, f->contents, f->size);
	return 0;
}

int part_files_key(struct sha256 *h, const struct plan *p, bool into_bundles)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < p->config->n_files; i++)
		if (is_in_bundle(&p->config->files[i]) == into_bundles)
			r = add_file(h, &p->config->files[i]);
	return r;
}
