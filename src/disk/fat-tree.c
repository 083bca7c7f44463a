/* SPDX-License-Identifier: Apache-2.0 */
/* The directories that the paths of files make. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "disk/fat-impl.h"

void fat_tree_cleanup(struct fat_tree *t)
{
	for (size_t i = 0; i < t->n_entries; i++)
		free(t->entries[i].units);
	free(t->entries);
	free(t->dirs);
	*t = (struct fat_tree){0};
}

static struct fat_entry *find(const struct fat_tree *t, size_t dir, const char *name, size_t size)
{
	for (size_t i = 0; i < t->n_entries; i++)
		if (t->entries[i].dir == dir && fat_name_eq(&t->entries[i], name, size))
			return &t->entries[i];
	return NULL;
}

static int cant_hold(const char *path, struct werr **err)
{
	return werr_set(err, WERR_INVALID, "a FAT can't hold a name of '%s'", path);
}

static int add(struct fat_tree *t, size_t dir, const char *name, size_t size, struct fat_file *file,
	struct werr **err)
{
	struct fat_entry e = {.dir = dir, .file = file};

	if (!fat_name_make(name, size, &e))
		return cant_hold(name, err);
	t->dirs[dir].n_records += fat_records(&e);
	if (!file) {
		e.child = t->n_dirs;
		mem_grow(&t->dirs, t->n_dirs, &t->cap_dirs, sizeof(*t->dirs));
		t->dirs[t->n_dirs++] = (struct fat_dir){.parent = dir, .n_records = 2};
	}
	mem_grow(&t->entries, t->n_entries, &t->cap_entries, sizeof(*t->entries));
	t->entries[t->n_entries++] = e;
	if (t->dirs[dir].n_records > FAT_RECORDS_MAX)
		return werr_set(err, WERR_LIMIT, "a directory of a FAT has too many names: '%s'",
			file ? file->path : name);
	return 0;
}

static int add_file(struct fat_tree *t, struct fat_file *file, struct werr **err)
{
	const char *name = file->path, *end;
	size_t dir = 0;

	for (; (end = strchr(name, '/')); name = end + 1) {
		size_t size = (size_t)(end - name);
		struct fat_entry *e = size ? find(t, dir, name, size) : NULL;
		int r = e      ? 0
			: size ? add(t, dir, name, size, NULL, err)
			       : cant_hold(file->path, err);

		if (r < 0)
			return r;
		e = e ? e : &t->entries[t->n_entries - 1];
		if (e->file)
			return werr_set(err, WERR_EXISTS, "a FAT can't have both '%s' and '%s'",
				e->file->path, file->path);
		dir = e->child;
	}
	if (!*name)
		return cant_hold(file->path, err);
	if (find(t, dir, name, strlen(name)))
		return werr_set(err, WERR_EXISTS, "two files of a FAT are called '%s'", file->path);
	return add(t, dir, name, strlen(name), file, err);
}

/* By directory, and in each in the order of the files. */
static int by_dir(const void *a, const void *b)
{
	const struct fat_entry *x = a, *y = b;

	if (x->dir != y->dir)
		return x->dir < y->dir ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

int fat_tree_make(const struct fat *f, struct fat_tree *ret, struct werr **err)
{
	int r = 0;

	if (f->n > FAT_FILES_MAX)
		return werr_set(err, WERR_LIMIT, "%zu files: a FAT is written with at most %d",
			f->n, FAT_FILES_MAX);
	mem_grow(&ret->dirs, 0, &ret->cap_dirs, sizeof(*ret->dirs));
	/* The root has the label, or at least an empty record, as it can't have no cluster. */
	ret->dirs[ret->n_dirs++] = (struct fat_dir){.n_records = 1};
	for (size_t i = 0; r == 0 && i < f->n; i++)
		r = add_file(ret, &f->files[i], err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < ret->n_entries; i++)
		ret->entries[i].order = i;
	qsort(ret->entries, ret->n_entries, sizeof(*ret->entries), by_dir);
	fat_names_finish(ret);
	return 0;
}
