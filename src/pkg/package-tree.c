/* SPDX-License-Identifier: Apache-2.0 */
#include "pkg/package-tree.h"

#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"

const char *const merged_directories[] = {"bin", "sbin", "lib", "lib32", "lib64", "libx32", NULL};

int package_tree_new(struct package_tree **ret, const char *spool_dir, struct werr **err)
{
	CLEANUP(package_tree) struct package_tree *t = mem_new(struct package_tree);
	int r = tree_new(&t->tree, spool_dir, err);

	if (r < 0)
		return r;
	t->spool_dir = str_dup(spool_dir);
	*ret = STEAL(t);
	return 0;
}

void package_tree_free(struct package_tree *t)
{
	if (!t)
		return;
	tree_free(t->tree);
	for (size_t i = 0; i < t->n; i++)
		deb_info_cleanup(&t->packages[i].info);
	free(t->packages);
	for (size_t i = 0; i < t->n_owners; i++)
		free(t->owners[i].path);
	free(t->owners);
	free(t->spool_dir);
	free(t);
}

char *merged_path(const char *path)
{
	for (size_t i = 0; merged_directories[i]; i++) {
		const char *rest = str_after(path, merged_directories[i]);

		if (rest && (*rest == '/' || *rest == '\0'))
			return path_join("usr", path);
	}
	return str_dup(path);
}

/* ---- adding a package ---- */

struct adding {
	struct package_tree *t;
	const struct tree *files;
	/* Names that share a file still share it in the tree. */
	struct link {
		uint64_t id;
		struct tree_node *node;
	} * links;
	size_t n_links, cap_links;
};

static struct tree_node *find_link(const struct adding *a, const struct tree_node *n)
{
	if (!n->file || n->file->links < 2)
		return NULL;
	for (size_t i = 0; i < a->n_links; i++)
		if (a->links[i].id == n->file->id)
			return a->links[i].node;
	return NULL;
}

static void note_link(struct adding *a, const struct tree_node *from, struct tree_node *to)
{
	if (!from->file || from->file->links < 2)
		return;
	mem_grow(&a->links, a->n_links, &a->cap_links, sizeof(*a->links));
	a->links[a->n_links++] = (struct link){from->file->id, to};
}

static void note_owner(struct package_tree *t, const char *path)
{
	mem_grow(&t->owners, t->n_owners, &t->cap_owners, sizeof(*t->owners));
	t->owners[t->n_owners++] = (struct owner){str_dup(path), t->n - 1};
}

/* A symlink lib -> usr/lib only repeats the layout. */
static bool is_merged_link(const struct tree_node *n, const char *path)
{
	for (size_t i = 0; merged_directories[i]; i++)
		if (S_ISLNK(n->meta.mode) && str_eq(path, merged_directories[i]))
			return true;
	return false;
}

static bool is_for_people(const char *path)
{
	static const char *const directories[] = {"usr/share/doc/", "usr/share/man/",
		"usr/share/info/", "usr/share/locale/", "usr/share/lintian/"};

	for (size_t i = 0; i < ARRAY_SIZE(directories); i++)
		if (str_after(path, directories[i]))
			return true;
	return false;
}

static int add_node(struct tree_node *n, const char *path, void *ctx, struct werr **err)
{
	struct adding *a = ctx;
	CLEANUP(free) char *merged = merged_path(path);
	CLEANUP(reader) struct reader *content = NULL;
	struct tree_node *same = find_link(a, n), *added = NULL;
	int r;

	if (!*path || is_merged_link(n, path) || (a->t->lean && is_for_people(path)))
		return 0;
	if (same) {
		note_owner(a->t, merged);
		return tree_link(a->t->tree, merged, same, err);
	}
	if (S_ISREG(n->meta.mode))
		content = tree_open_file(a->files, n);
	r = tree_put(a->t->tree, merged, &n->meta, n->target, content, NULL, &added, err);
	if (r < 0)
		return r;
	note_link(a, n, added);
	if (!S_ISDIR(n->meta.mode))
		note_owner(a->t, merged);
	return 0;
}

int package_tree_add(
	struct package_tree *t, struct deb_info *info, const struct tree *files, struct werr **err)
{
	struct adding a = {.t = t, .files = files};
	int r;

	if (t->n == PACKAGES_MAX)
		return werr_set(err, WERR_LIMIT, "more than %d packages", PACKAGES_MAX);
	mem_grow(&t->packages, t->n, &t->cap, sizeof(*t->packages));
	t->packages[t->n++].info = *info;
	*info = (struct deb_info){0};
	r = tree_walk(files, add_node, &a, err);
	free(a.links);
	return r;
}

int package_tree_add_deb(struct package_tree *t, const char *path, struct werr **err)
{
	CLEANUP(deb_info) struct deb_info info = {0};
	CLEANUP(tree) struct tree *files = NULL;
	CLEANUP(free) char *name = path_base(path);
	CLEANUP(fd) int fd = -1;
	int r = file_open(path, &fd, err);

	if (r == 0)
		r = tree_new(&files, t->spool_dir, err);
	if (r == 0)
		r = deb_read(fd, name, t->spool_dir, &info, files, err);
	return r < 0 ? r : package_tree_add(t, &info, files, err);
}

/* ---- owners ---- */

static int compare_owners(const void *a, const void *b)
{
	const struct owner *x = a, *y = b;
	int c = strcmp(x->path, y->path);

	if (c != 0)
		return c;
	return x->package < y->package ? -1 : x->package > y->package;
}

/* When several packages have the same path, the tree has the file of the last one. */
static void drop_replaced(struct package_tree *t)
{
	size_t n = 0;

	for (size_t i = 0; i < t->n_owners; i++)
		if (i + 1 < t->n_owners && str_eq(t->owners[i].path, t->owners[i + 1].path))
			free(t->owners[i].path);
		else
			t->owners[n++] = t->owners[i];
	t->n_owners = n;
}

int package_tree_seal(struct package_tree *t, struct werr **err)
{
	static const struct tree_meta link = {.mode = S_IFLNK | 0777};

	if (t->n_owners)
		qsort(t->owners, t->n_owners, sizeof(*t->owners), compare_owners);
	drop_replaced(t);
	for (size_t i = 0; merged_directories[i]; i++) {
		CLEANUP(free) char *target = path_join("usr", merged_directories[i]);
		int r;

		if (!tree_find(t->tree, target))
			continue;
		r = tree_put(t->tree, merged_directories[i], &link, target, NULL, NULL, NULL, err);
		if (r < 0)
			return r;
	}
	return 0;
}

static int compare_path(const void *key, const void *item)
{
	return strcmp(key, ((const struct owner *)item)->path);
}

struct package *package_tree_owner(struct package_tree *t, const char *path)
{
	const struct owner *o = NULL;

	if (t->n_owners)
		o = bsearch(path, t->owners, t->n_owners, sizeof(*t->owners), compare_path);
	return o ? &t->packages[o->package] : NULL;
}
