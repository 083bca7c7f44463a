/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An inventory as text: texts that end with a NUL each. The distribution, its release, the notes
 * and an empty text; then of each item a digit, its kind, and its texts.
 */
#include "inventory/inventory.h"

#include <string.h>

#include "base/mem.h"

static void put(struct buf *out, const char *text)
{
	buf_add(out, text, strlen(text) + 1);
}

void inventory_write(const struct inventory *i, struct buf *out)
{
	const char *note;

	put(out, i->distro);
	put(out, i->release);
	STRV_FOREACH (note, &i->notes)
		put(out, note);
	put(out, "");
	for (size_t k = 0; k < i->software.n; k++) {
		const struct software *s = &i->software.items[k];
		const char kind[] = {(char)('0' + s->kind), '\0'};

		put(out, kind);
		for (size_t j = 0; j < SOFTWARE_TEXTS; j++)
			put(out, s->text[j]);
	}
}

struct texts {
	const char *at, *end;
};

/* The next text; NULL: it does not end. */
static const char *take(struct texts *t)
{
	const char *text = t->at;
	const char *nul = text < t->end ? memchr(text, '\0', (size_t)(t->end - text)) : NULL;

	if (nul)
		t->at = nul + 1;
	return nul ? text : NULL;
}

static bool take_software(struct texts *t, struct software_list *l)
{
	const char *kind = take(t);
	struct software *s;

	if (!kind || *kind < '0' || *kind >= '0' + SOFTWARE_KINDS || kind[1] ||
		l->n >= SOFTWARE_MAX)
		return false;
	mem_grow(&l->items, l->n, &l->cap, sizeof(*l->items));
	s = &l->items[l->n++];
	s->kind = (enum software_kind)(*kind - '0');
	for (size_t j = 0; j < SOFTWARE_TEXTS; j++) {
		const char *text = take(t);

		if (!text)
			return false;
		s->text[j] = str_dup(text);
	}
	return true;
}

static bool take_notes(struct texts *t, struct strv *notes)
{
	const char *note;

	while ((note = take(t)) && *note)
		strv_add(notes, note);
	return note != NULL;
}

static bool take_all(struct texts *t, struct inventory *i)
{
	i->distro = str_dup(take(t));
	i->release = str_dup(take(t));
	if (!i->distro || !i->release || !take_notes(t, &i->notes))
		return false;
	while (t->at < t->end)
		if (!take_software(t, &i->software))
			return false;
	return true;
}

int inventory_parse(const char *text, size_t size, struct inventory *ret, struct werr **err)
{
	CLEANUP(inventory) struct inventory i = {0};
	struct texts t = {text, text + size};

	if (!take_all(&t, &i))
		return werr_set(err, WERR_CORRUPT, "a list of installed packages is broken");
	*ret = i;
	i = (struct inventory){0};
	return 0;
}
