/* SPDX-License-Identifier: Apache-2.0 */
/* The OS that is in an output, as one tree. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "look/look-impl.h"

/* Which of its files is the OS. */
static bool has_root(const struct look *l)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->things[i]->role == LOOK_ROOT)
			return true;
	return false;
}

bool look_is_os(const struct look *l, size_t i)
{
	enum look_role role = l->things[i]->role;

	return role == LOOK_ROOT || (role == LOOK_INITRD && !has_root(l));
}

bool look_has_xattrs(const struct look *l)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->things[i]->role == LOOK_ROOT && l->things[i]->kind == &look_kind_tar)
			return true;
	return false;
}

static int put_root(struct look *l, const struct look_thing *t, struct tree *to, bool with_contents,
	struct werr **err)
{
	CLEANUP(fill) struct fill *fill = fill_new(to, with_contents);
	const struct look_initrd_options options = {with_contents, l->store, &l->sources};

	if (t->kind == &look_kind_tar)
		return look_put_tar(t->bytes, to, err);
	if (t->role == LOOK_INITRD)
		return look_initrd(t->bytes, fill, &options, NULL, NULL, err);
	return t->kind->read(t->bytes, fill_add, fill, err);
}

static int put_boot_sized(struct look *l, const struct look_thing *t, const char *path,
	struct tree *to, const struct tree_meta *meta, struct werr **err)
{
	struct tree_node *n = NULL;
	int r = tree_merge_sized(to, path, meta, t->bytes->size, &n, err);

	look_sources_add(&l->sources, t->bytes, 0, t->bytes->size, false);
	look_sources_note(&l->sources, r == 0 && n && n->file ? n->file->id : 0);
	return r;
}

static int put_boot(struct look *l, const struct look_thing *t, struct tree *to, bool with_contents,
	struct werr **err)
{
	static const struct tree_meta meta = {.mode = S_IFREG | 0644};
	CLEANUP(free) char *path = str_printf("boot/%s", t->boot_name);
	CLEANUP(reader) struct reader *content = NULL;

	/* The same kernel twice, as for two kinds of firmware. */
	if (tree_find(to, path))
		return 0;
	if (!with_contents)
		return put_boot_sized(l, t, path, to, &meta, err);
	content = bytes_reader_new(t->bytes, 0, t->bytes->size);
	return tree_merge(to, path, &meta, NULL, content, NULL, NULL, err);
}

static int put_all(struct look *l, struct tree *to, bool with_contents, struct werr **err)
{
	bool root = has_root(l);
	int r = 0;

	for (size_t i = 0; r == 0 && i < l->n; i++) {
		const struct look_thing *t = l->things[i];

		if (t->role == LOOK_ROOT || (t->role == LOOK_INITRD && !root))
			r = put_root(l, t, to, with_contents, err);
		if (r < 0)
			werr_wrap(err, "%s", t->item.name);
	}
	for (size_t i = 0; r == 0 && i < l->n; i++) {
		const struct look_thing *t = l->things[i];

		if (t->role == LOOK_BOOT || (t->role == LOOK_INITRD && root))
			r = put_boot(l, t, to, with_contents, err);
	}
	return r;
}

int look_load(struct look *l, const char *spool_dir, struct tree **ret, struct werr **err)
{
	CLEANUP(tree) struct tree *t = NULL;
	int r = tree_new(&t, spool_dir, err);

	look_sources_clear(&l->sources);
	if (r == 0)
		r = put_all(l, t, spool_dir != NULL, err);
	if (r < 0)
		return r;
	tree_settle(t);
	*ret = STEAL(t);
	return 0;
}

static struct look_thing *new_archive(
	const struct look_thing *initrd, const struct look_unit *u, size_t number)
{
	struct look_thing *t = mem_new(struct look_thing);
	const struct bytes_run run = {u->at, u->size};

	t->kind = &look_kind_initrd;
	t->role = LOOK_HOLDS;
	t->bytes = bytes_of_runs(initrd->bytes, &run, 1);
	t->item = (struct look_item){
		.name = str_printf("archive %zu", number),
		.kind = u->codec ? u->codec : "not compressed",
		.depth = initrd->item.depth + 1,
		.size = u->size,
	};
	return t;
}

/* The items, and behind the initrd among them its archives. */
static void insert(struct look *l, size_t at, const struct look_unit *units, size_t n)
{
	struct look_thing **things = mem_new_array(struct look_thing *, l->n + n);

	for (size_t i = 0; i < l->n; i++)
		things[i + (i > at ? n : 0)] = l->things[i];
	for (size_t i = 0; i < n; i++)
		things[at + 1 + i] = new_archive(l->things[at], &units[i], i + 1);
	free(l->things);
	l->things = things;
	l->n = l->cap = l->n + n;
}

static int find_archives(struct look *l, size_t at, struct werr **err)
{
	CLEANUP(tree) struct tree *names = NULL;
	CLEANUP(fill) struct fill *fill = NULL;
	CLEANUP(free) struct look_unit *units = NULL;
	const struct look_initrd_options options = {.store = l->store};
	size_t n = 0;
	int r = tree_new(&names, NULL, err);

	if (r < 0)
		return r;
	fill = fill_new(names, false);
	r = look_initrd(l->things[at]->bytes, fill, &options, &units, &n, err);
	if (r == 0)
		insert(l, at, units, n);
	else
		werr_wrap(err, "%s", l->things[at]->item.name);
	return r;
}

int look_find_archives(struct look *l, struct werr **err)
{
	int r = 0;

	for (size_t i = l->n; r == 0 && i-- > 0;)
		if (l->things[i]->role == LOOK_INITRD)
			r = find_archives(l, i, err);
	return r;
}
