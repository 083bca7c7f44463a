/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/software.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"

bool software_slice_is(const struct software_slice *s, const char *text)
{
	return s->p && s->size == strlen(text) && memcmp(s->p, text, s->size) == 0;
}

static size_t plain_size(const struct software_slice *s)
{
	size_t n = 0;

	while (n < s->size && n < SOFTWARE_TEXT_MAX && (unsigned char)s->p[n] >= ' ' &&
		s->p[n] != 0x7f)
		n++;
	return n;
}

int software_add(struct software_list *l, enum software_kind kind,
	const struct software_slice texts[static SOFTWARE_TEXTS], struct werr **err)
{
	struct software *s;

	if (plain_size(&texts[SOFTWARE_NAME]) == 0)
		return 0;
	if (l->n >= SOFTWARE_MAX)
		return werr_set(err, WERR_LIMIT, "more than %d packages", SOFTWARE_MAX);
	mem_grow(&l->items, l->n, &l->cap, sizeof(*l->items));
	s = &l->items[l->n++];
	s->kind = kind;
	for (size_t i = 0; i < SOFTWARE_TEXTS; i++)
		s->text[i] = str_dup_n(texts[i].p ? texts[i].p : "", plain_size(&texts[i]));
	return 0;
}

static void software_clear(struct software *s)
{
	for (size_t i = 0; i < SOFTWARE_TEXTS; i++)
		free(s->text[i]);
}

static int compare(const void *a, const void *b)
{
	const struct software *x = a, *y = b;
	int c = (int)x->kind - (int)y->kind;

	for (size_t i = 0; c == 0 && i < SOFTWARE_TEXTS; i++)
		c = strcmp(x->text[i], y->text[i]);
	return c;
}

void software_sort(struct software_list *l)
{
	size_t n = 0;

	if (l->n)
		qsort(l->items, l->n, sizeof(*l->items), compare);
	for (size_t i = 0; i < l->n; i++)
		if (i + 1 < l->n && compare(&l->items[i], &l->items[i + 1]) == 0)
			software_clear(&l->items[i]);
		else
			l->items[n++] = l->items[i];
	l->n = n;
}

void software_list_cleanup(struct software_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		software_clear(&l->items[i]);
	free(l->items);
	*l = (struct software_list){0};
}
