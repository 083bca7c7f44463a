/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files of the configuration. Those of the root are merged into it. Those that go into bundles
 * come behind the parts that the bundles are, so all that they need of these is their names: which
 * folders are there, and where symlinks lead.
 */
#include <stdlib.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "plan/part-impl.h"
#include "contract/paths.h"

/* Owner and mode of the folders above a file: the file's, with x wherever there is r, w or x. */
static struct tree_meta leading_folders(const struct config_file *f)
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
		*ret = fd_reader_new(fd, true, f->source);
	return r;
}

static struct tree_meta meta_of(const struct config_file *f)
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

/* At the path, which is the file's own or where that leads. */
static int put_file(
	struct tree *t, const char *path, const struct config_file *f, struct werr **err)
{
	const struct tree_meta dirs = leading_folders(f), meta = meta_of(f);
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

static bool is_left_out(const struct config_file *f, bool into_bundles)
{
	return part_file_is_in_bundle(f) != into_bundles ||
	       (f->kind == FILE_SOURCE && f->optional && !file_exists(f->source));
}

bool part_file_is_in_bundle(const struct config_file *f)
{
	return str_after(f->path, CONTAINERS_DIR "/") != NULL;
}

int part_put_files(const struct plan *p, struct part_content *c, struct werr **err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < p->config->n_files; i++) {
		const struct config_file *f = &p->config->files[i];

		if (is_left_out(f, false))
			continue;
		part_set_origin_at(c, "linuxkit.files", "files", i);
		r = put_file(c->tree, f->path, f, err);
		if (r < 0)
			node_place(err, f->node);
	}
	return r;
}

/* ---- those that go into bundles ---- */

/*
 * The names of an image's files that an earlier part has put somewhere, with these as the root; or
 * of everything else.
 */
struct names {
	char *prefix;
	struct tree *tree;
};

struct below {
	struct names *items; /* the first one is everything else, with the prefix "" */
	size_t n, cap;
};

static void below_cleanup(struct below *b)
{
	for (size_t i = 0; i < b->n; i++) {
		free(b->items[i].prefix);
		tree_free(b->items[i].tree);
	}
	free(b->items);
}

static int copy_name(struct tree_node *n, const char *path, void *to, struct werr **err)
{
	return *path ? tree_put(to, path, &n->meta, n->target, NULL, NULL, NULL, err) : 0;
}

static int add_names(struct below *b, const char *prefix, struct tree_node *top, struct werr **err)
{
	struct tree *t = NULL;
	int r = tree_new(&t, NULL, err);

	if (r < 0)
		return r;
	mem_grow(&b->items, b->n, &b->cap, sizeof(*b->items));
	b->items[b->n++] = (struct names){str_dup(prefix), t};
	return top ? tree_walk_from(top, copy_name, t, err) : 0;
}

bool part_has_path(const struct part *part, const char *path)
{
	const char *dir = part->kind == PART_CONTAINER ? part->entry->dir
			  : part->kind == PART_VOLUME  ? part->volume->dir
						       : NULL;
	const char *rest = dir ? str_after(path, dir) : NULL;

	return rest && *rest == '/';
}

static bool is_concerned(const struct plan *p, const struct part *part)
{
	for (size_t i = 0; i < p->config->n_files; i++)
		if (part_has_path(part, p->config->files[i].path))
			return true;
	return false;
}

static int add_part(
	const struct plan *p, const struct part *part, struct below *b, struct werr **err)
{
	CLEANUP(part_content) struct part_content c = {0};
	struct tree_node *top;
	int r = part_load(p, part, &c, err);

	if (r == 0)
		r = tree_walk(c.tree, copy_name, b->items[0].tree, err);
	if (r < 0 || !c.prefix)
		return r;
	r = part_put_folder(b->items[0].tree, c.prefix, err);
	top = c.files ? c.files->root : tree_find(c.tree, c.prefix);
	return r == 0 && top ? add_names(b, c.prefix, top, err) : r;
}

static int find_names(const struct plan *p, struct below *b, struct werr **err)
{
	int r = add_names(b, "", NULL, err);

	for (size_t i = 0; r == 0 && i < p->config->n_containers; i++)
		r = part_put_folder(b->items[0].tree, p->config->containers[i].dir, err);
	for (size_t i = 0; r == 0 && i < p->config->n_volumes; i++)
		r = part_put_folder(b->items[0].tree, p->config->volumes[i].dir, err);
	for (size_t i = 0; r == 0 && i < p->n; i++)
		if (is_concerned(p, &p->parts[i]))
			r = add_part(p, &p->parts[i], b, err);
	return r;
}

/* Whose names a path is among, and what it is called there. */
static struct names *names_of(struct below *b, const char *path, const char **ret)
{
	for (size_t i = b->n; i-- > 1;) {
		const char *rest = str_after(path, b->items[i].prefix);

		if (rest && *rest == '/') {
			*ret = rest + 1;
			return &b->items[i];
		}
	}
	*ret = path;
	return &b->items[0];
}

/* The folders above it that are there already are so for the file's sake only, and not written. */
static int put_implied(struct below *b, struct tree *t, const char *path, struct werr **err)
{
	static const struct tree_meta folder = {.mode = S_IFDIR | 0755};

	for (size_t n = 0; path[n]; n++) {
		CLEANUP(free) char *dir = path[n] == '/' ? str_dup_n(path, n) : NULL;
		struct tree_node *made = NULL;
		const char *inside;
		struct names *names = dir ? names_of(b, dir, &inside) : NULL;
		int r;

		if (!dir || tree_find(t, dir) || !tree_find(names->tree, inside))
			continue;
		r = tree_put(t, dir, &folder, NULL, NULL, NULL, &made, err);
		if (r < 0)
			return r;
		made->implied = true;
	}
	return 0;
}

static int put_in_bundle(
	struct below *b, struct tree *t, const struct config_file *f, struct werr **err)
{
	const struct tree_meta meta = meta_of(f), dirs = leading_folders(f);
	CLEANUP(free) char *real = NULL;
	CLEANUP(free) char *path = NULL;
	const char *inside;
	struct names *names = names_of(b, f->path, &inside);
	const struct tree_node *there;
	int r = tree_real_path(names->tree, inside, S_ISDIR(meta.mode), &real, err);

	if (r < 0)
		return r;
	there = tree_find(names->tree, real);
	if (S_ISLNK(meta.mode) && there && S_ISDIR(there->meta.mode) && there->n > 0)
		return werr_set(err, WERR_INVALID,
			"%s is a directory that something is in, and can't be replaced by a symlink",
			f->path);
	path = str_printf("%s%s%s", names->prefix, *names->prefix ? "/" : "", real);
	r = put_implied(b, t, path, err);
	/* What can't be is refused here, and what comes next finds this file. */
	if (r == 0)
		r = tree_merge(names->tree, real, &meta, f->target, NULL, &dirs, NULL, err);
	return r < 0 ? r : put_file(t, path, f, err);
}

int part_load_files(const struct plan *p, ATTR_UNUSED const struct part *part,
	struct part_content *ret, struct werr **err)
{
	CLEANUP(below) struct below b = {0};
	int r = find_names(p, &b, err);

	ret->without_folders = true;
	for (size_t i = 0; r == 0 && i < p->config->n_files; i++) {
		const struct config_file *f = &p->config->files[i];

		if (is_left_out(f, true))
			continue;
		part_set_origin_at(ret, "linuxkit.files", "files", i);
		r = put_in_bundle(&b, ret->tree, f, err);
		if (r < 0)
			node_place(err, f->node);
	}
	return r;
}
