/* SPDX-License-Identifier: Apache-2.0 */
#include "pkg/files.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "pkg/package-tree.h"

enum { FOLDER_DEPTH_MAX = 64 };

struct adding {
	const struct build_yml *yml;
	const struct pkg_file *entry;
	struct tree *to;
};

static uint32_t plain_mode(uint32_t mode)
{
	return S_ISDIR(mode) || (mode & S_IXUSR) ? 0755 : 0644;
}

static struct tree_meta make_meta(const struct pkg_file *f, uint32_t type, uint32_t mode)
{
	return (struct tree_meta){.mode = type | mode, .uid = f->uid, .gid = f->gid};
}

/* ---- from this machine ---- */

static int add_path(const struct adding *a, const char *source, const char *path, unsigned depth,
	struct werr **err);

static int add_regular(const struct adding *a, const char *source, const char *path, uint32_t mode,
	struct werr **err)
{
	const struct tree_meta meta = make_meta(a->entry, S_IFREG, mode);
	CLEANUP(reader) struct reader *content = NULL;
	int fd, r = file_open(source, &fd, err);

	if (r < 0)
		return r;
	content = fd_reader_new(fd, true, source);
	return tree_put(a->to, path, &meta, NULL, content, NULL, NULL, err);
}

static int add_link(const struct adding *a, const char *source, const char *path, struct werr **err)
{
	const struct tree_meta meta = make_meta(a->entry, S_IFLNK, 0777);
	char target[4096];
	ssize_t n = readlink(source, target, sizeof(target) - 1);

	if (n < 0)
		return werr_errno(err, errno, "can't read the link %s", source);
	target[n] = '\0';
	return tree_put(a->to, path, &meta, target, NULL, NULL, NULL, err);
}

/* A file_visit; ctx is a strv. */
static int note_name(
	ATTR_UNUSED int dir_fd, const char *name, void *ctx, ATTR_UNUSED struct werr **err)
{
	strv_add(ctx, name);
	return 0;
}

static int add_folder(const struct adding *a, const char *source, const char *path, unsigned depth,
	struct werr **err)
{
	const struct tree_meta meta = make_meta(a->entry, S_IFDIR, 0755);
	CLEANUP(strv) struct strv names = {0};
	const char *name;
	int r;

	if (depth > FOLDER_DEPTH_MAX)
		return werr_set(err, WERR_LIMIT, "%s: folders are too deep", source);
	r = tree_put(a->to, path, &meta, NULL, NULL, NULL, NULL, err);
	if (r == 0)
		r = file_visit_dir(source, FILE_ABSENT_IS_ERROR, note_name, &names, err);
	strv_sort(&names);
	STRV_FOREACH (name, &names) {
		CLEANUP(free) char *s = path_join(source, name), *p = path_join(path, name);

		if (r < 0)
			break;
		r = add_path(a, s, p, depth + 1, err);
	}
	return r;
}

/* The mode that the entry gives is that of the source itself, not of what is in a folder. */
static int add_path(const struct adding *a, const char *source, const char *path, unsigned depth,
	struct werr **err)
{
	struct stat st;

	if ((depth ? lstat(source, &st) : stat(source, &st)) < 0)
		return werr_errno(err, errno, "can't read %s", source);
	if (S_ISDIR(st.st_mode))
		return add_folder(a, source, path, depth, err);
	if (S_ISLNK(st.st_mode))
		return add_link(a, source, path, err);
	if (!S_ISREG(st.st_mode))
		return werr_set(err, WERR_UNSUPPORTED, "%s is neither a file nor a folder", source);
	return add_regular(a, source, path,
		depth == 0 && a->entry->has_mode ? a->entry->mode : plain_mode(st.st_mode), err);
}

/* $OUT, or a path that an extra source stands for, or a path in the package's folder. */
static int resolve_source(
	const struct adding *a, const char *dir, const char *out, char **ret, struct werr **err)
{
	const char *text = a->entry->text, *rest = str_after(text, "$OUT");

	if (rest && (!*rest || *rest == '/')) {
		if (!out)
			return node_error(err, a->yml->document, a->entry->node,
				"'%s' needs a build step, and there is none", text);
		*ret = str_printf("%s%s", out, rest);
		return 0;
	}
	for (size_t i = 0; i < a->yml->n_extras; i++) {
		const struct pkg_extra *x = &a->yml->extras[i];

		rest = str_after(text, x->dst);
		if (rest && (!*rest || *rest == '/')) {
			*ret = str_printf("%s%s", x->src, rest);
			return 0;
		}
	}
	*ret = path_join(dir, text);
	return 0;
}

static int add_source(const struct adding *a, const char *dir, const char *out, const char *path,
	struct werr **err)
{
	CLEANUP(free) char *source = NULL;
	CLEANUP(werr) struct werr *problem = NULL;
	int r = resolve_source(a, dir, out, &source, err);

	if (r < 0)
		return r;
	r = add_path(a, source, path, 0, &problem);
	if (r == -ENOENT)
		return node_error(err, a->yml->document, a->entry->node, "%s", problem->message);
	if (r < 0 && err)
		*err = STEAL(problem);
	return r;
}

static int add_entry(const struct adding *a, const char *dir, const char *out, struct werr **err)
{
	const struct pkg_file *f = a->entry;
	/* Next to Debian's packages the image has their layout. */
	CLEANUP(free)
	char *path = a->yml->debian.packages.n ? merged_path(f->path) : str_dup(f->path);
	CLEANUP(reader) struct reader *content = NULL;
	struct tree_meta meta = make_meta(f, S_IFREG, f->has_mode ? f->mode : 0644);

	switch (f->kind) {
	case PKG_FILE_SOURCE:
		return add_source(a, dir, out, path, err);
	case PKG_FILE_CONTENTS:
		content = mem_reader_new(f->text, f->size);
		return tree_put(a->to, path, &meta, NULL, content, NULL, NULL, err);
	case PKG_FILE_SYMLINK:
		meta.mode = S_IFLNK | 0777;
		return tree_put(a->to, path, &meta, f->text, NULL, NULL, NULL, err);
	case PKG_FILE_DIRECTORY:
		meta.mode = S_IFDIR | (f->has_mode ? f->mode : 0755);
		return tree_put(a->to, path, &meta, NULL, NULL, NULL, NULL, err);
	case PKG_FILE_NONE:
		break;
	}
	return 0;
}

int pkg_files_add(const struct build_yml *y, const char *dir, const char *out, struct tree *to,
	struct werr **err)
{
	for (size_t i = 0; i < y->n_files; i++) {
		const struct adding a = {.yml = y, .entry = &y->files[i], .to = to};
		int r = add_entry(&a, dir, out, err);

		if (r < 0)
			return r;
	}
	return 0;
}

/* ---- to this machine ---- */

static int unpack_regular(
	const struct tree *t, const struct tree_node *n, const char *path, struct werr **err)
{
	CLEANUP(reader) struct reader *from = tree_open_file(t, n);
	CLEANUP(writer) struct writer *to = NULL;
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600), r;

	if (fd < 0)
		return werr_errno(err, errno, "can't write %s", path);
	to = fd_writer_new(fd, true, path);
	/* Whatever the umask is: the build step may look at it. */
	if (fchmod(fd, plain_mode(n->meta.mode)) < 0)
		return werr_errno(err, errno, "can't set the mode of %s", path);
	r = io_copy(from, to, NULL, err);
	return r < 0 ? r : writer_finish(to, err);
}

struct unpacking {
	const struct tree *tree;
	const char *dir;
};

/* The tree's names are safe, and what a name is in is always a folder that was made here: no link is followed. */
static int unpack_node(struct tree_node *n, const char *path, void *ctx, struct werr **err)
{
	const struct unpacking *u = ctx;
	CLEANUP(free) char *full = path_join(u->dir, path);

	if (!*path)
		return 0;
	if (S_ISREG(n->meta.mode))
		return unpack_regular(u->tree, n, full, err);
	if (S_ISLNK(n->meta.mode) && symlink(n->target, full) < 0)
		return werr_errno(err, errno, "can't make the link %s", full);
	if (S_ISDIR(n->meta.mode) && (mkdir(full, 0755) < 0 || chmod(full, 0755) < 0))
		return werr_errno(err, errno, "can't make the folder %s", full);
	return 0;
}

int pkg_files_unpack(const struct tree *t, const char *dir, struct werr **err)
{
	struct unpacking u = {t, dir};

	return tree_walk(t, unpack_node, &u, err);
}
