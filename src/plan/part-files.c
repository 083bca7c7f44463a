/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files of the configuration that go into bundles. They follow the parts that the bundles are, of
 * which only the names are needed: which directories are there, and where symlinks lead.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "base/path.h"
#include "hash/sha256-fields.h"
#include "plan/part-impl.h"
#include "contract/paths.h"

/*
 * Names of an image's files that an earlier part has put at prefix, relative to it; or all other
 * names.
 */
struct names {
	char *prefix;
	struct tree *tree;
};

struct below {
	struct names *items; /* the first has all other names, with the prefix "" */
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
	r = part_content_put_dir(b->items[0].tree, c.prefix, err);
	top = c.files ? c.files->root : tree_find(c.tree, c.prefix);
	return r == 0 && top ? add_names(b, c.prefix, top, err) : r;
}

static int find_names(const struct plan *p, struct below *b, struct werr **err)
{
	int r = add_names(b, "", NULL, err);

	for (size_t i = 0; r == 0 && i < p->config->n_containers; i++)
		r = part_content_put_dir(b->items[0].tree, p->config->containers[i].dir, err);
	for (size_t i = 0; r == 0 && i < p->config->n_volumes; i++)
		r = part_content_put_dir(b->items[0].tree, p->config->volumes[i].dir, err);
	for (size_t i = 0; r == 0 && i < p->n; i++)
		if (part_has_files(p, &p->parts[i]))
			r = add_part(p, &p->parts[i], b, err);
	return r;
}

/* The names that a path is among, and what it is called there. */
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

/* Directories above the path that exist already are only implied, and so not written again. */
static int put_implied(struct below *b, struct tree *t, const char *path, struct werr **err)
{
	static const struct tree_meta meta = {.mode = S_IFDIR | 0755};

	for (size_t n = 0; path[n]; n++) {
		CLEANUP(free) char *dir = path[n] == '/' ? str_dup_n(path, n) : NULL;
		struct tree_node *made = NULL;
		const char *inside;
		struct names *names = dir ? names_of(b, dir, &inside) : NULL;
		int r;

		if (!dir || tree_find(t, dir) || !tree_find(names->tree, inside))
			continue;
		r = tree_put(t, dir, &meta, NULL, NULL, NULL, &made, err);
		if (r < 0)
			return r;
		made->implied = true;
	}
	return 0;
}

static int put_in_bundle(
	struct below *b, struct tree *t, const struct config_file *f, struct werr **err)
{
	const struct tree_meta meta = part_file_meta(f), dirs = part_file_dirs(f);
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
			"%s is a directory that is not empty and cannot be replaced by a symlink",
			f->path);
	path = str_printf("%s%s%s", names->prefix, *names->prefix ? "/" : "", real);
	r = put_implied(b, t, path, err);
	/* This refuses what cannot be done, and the next file finds this one. */
	if (r == 0)
		r = tree_merge(names->tree, real, &meta, f->target, NULL, &dirs, NULL, err);
	return r < 0 ? r : part_put_file(t, path, f, err);
}

static int load(const struct plan *p, ATTR_UNUSED const struct part *part, struct part_content *ret,
	struct werr **err)
{
	CLEANUP(below) struct below b = {0};
	int r = find_names(p, &b, err);

	ret->without_dirs = true;
	for (size_t i = 0; r == 0 && i < p->config->n_files; i++) {
		const struct config_file *f = &p->config->files[i];

		if (!part_file_is_wanted(f, true))
			continue;
		part_content_set_origin_at(ret, "linuxkit.files", "files", i);
		r = put_in_bundle(&b, ret->tree, f, err);
		if (r < 0)
			node_place(err, f->node);
	}
	return r;
}

/* For bundles that the files go into, all their contents count. */
static int key(struct sha256 *h, const struct plan *p, ATTR_UNUSED const struct part *part)
{
	const struct config *c = p->config;
	int r = part_files_key(h, p, true);

	for (size_t i = 0; i < c->n_containers; i++)
		sha256_add_text(h, c->containers[i].dir);
	for (size_t i = 0; i < c->n_volumes; i++)
		sha256_add_text(h, c->volumes[i].dir);
	for (size_t i = 0; r == 0 && i < p->n; i++)
		if (part_has_files(p, &p->parts[i]))
			r = part_add_key(h, p, &p->parts[i]);
	return r;
}

const struct part_kind part_kind_files = {
	.name = "files", .is_kept = true, .load = load, .key = key};
