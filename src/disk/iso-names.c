/* SPDX-License-Identifier: Apache-2.0 */
/* The names that ISO 9660 has by itself (ECMA-119, 7.5 and 7.6): each different in its directory.
 */
#include <string.h>

#include "base/str.h"
#include "disk/iso-impl.h"

enum {
	WHOLE = 30, /* a name with its extension and the point */
	EXTENSION = 10,
	DIGITS = 6,
};

/* 0: it is none of those that may be in a name. */
static char upper(char c)
{
	if (c >= 'a' && c <= 'z')
		return (char)(c - 'a' + 'A');
	return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ? c : 0;
}

bool iso_volume_id(const char *name, char ret[static ISO_VOLUME_MAX + 1])
{
	size_t n = strlen(name);

	if (n == 0 || n > ISO_VOLUME_MAX)
		return false;
	for (size_t i = 0; i <= n; i++) {
		ret[i] = name[i] ? upper(name[i]) : 0;
		if (name[i] && !ret[i])
			return false;
	}
	return true;
}

static char allowed(char c)
{
	char u = upper(c);

	return u ? u : '_';
}

/*
 * A point separates the extension of a file; a directory has none. number: what makes the name
 * different from others, at its end; or negative.
 */
static void make_id(const struct iso_node *n, long number, char ret[static ISO_ID_MAX + 1])
{
	const char *point = iso_is_dir(n) ? NULL : strrchr(n->name, '.');
	const char *extension = point && point != n->name && point[1] ? point + 1 : "";
	size_t tail = strlen(extension), stem = strlen(n->name) - (tail ? tail + 1 : 0), used = 0;
	size_t room;

	if (tail > EXTENSION)
		tail = EXTENSION;
	room = WHOLE - (tail ? tail + 1 : 0) - (number < 0 ? 0 : DIGITS);
	for (size_t i = 0; i < stem && i < room; i++)
		ret[used++] = allowed(n->name[i]);
	if (number >= 0) {
		str_format(ret + used, DIGITS + 1, "%06lX", (unsigned long)number & 0xffffff);
		used += DIGITS;
	}
	if (tail)
		ret[used++] = '.';
	for (size_t i = 0; i < tail; i++)
		ret[used++] = allowed(extension[i]);
	ret[used] = 0;
}

/* '.' comes before all that may be in a name, as the space does with which 9.3 fills it up. */
static int by_id(const void *a, const void *b)
{
	const struct iso_node *x = *(struct iso_node *const *)a, *y = *(struct iso_node *const *)b;
	int order = strcmp(x->id, y->id);

	return order ? order : strcmp(x->name, y->name);
}

static int id_of(const void *key, const void *item)
{
	return strcmp(key, (*(struct iso_node *const *)item)->id);
}

/* All but the first of those that would have one id get numbers that no other id ends with. */
static void number_same(struct iso_dir *dir)
{
	CLEANUP(free) struct iso_node **same = mem_new_array(struct iso_node *, dir->n);
	CLEANUP(free) char(*ids)[ISO_ID_MAX + 1] = mem_alloc_array(dir->n, ISO_ID_MAX + 1);
	size_t n = 0;
	long number = 0;

	for (size_t i = 1; i < dir->n; i++) {
		struct iso_node *node = dir->children[i];

		if (!str_eq(dir->children[i - 1]->id, node->id))
			continue;
		do {
			make_id(node, number++, ids[n]);
		} while (bsearch(ids[n], dir->children, dir->n, sizeof(*dir->children), id_of));
		same[n++] = node;
	}
	for (size_t i = 0; i < n; i++)
		memcpy(same[i]->id, ids[i], sizeof(ids[i]));
}

int iso_names_sort(struct iso_dir *dir, struct werr **err)
{
	if (dir->n == 0)
		return 0;
	for (size_t i = 0; i < dir->n; i++)
		make_id(dir->children[i], -1, dir->children[i]->id);
	qsort(dir->children, dir->n, sizeof(*dir->children), by_id);
	for (size_t i = 1; i < dir->n; i++)
		if (str_eq(dir->children[i - 1]->name, dir->children[i]->name))
			return werr_set(err, WERR_EXISTS, "two files of an ISO 9660 are called %s",
				dir->children[i]->name);
	number_same(dir);
	qsort(dir->children, dir->n, sizeof(*dir->children), by_id);
	return 0;
}
