/* SPDX-License-Identifier: Apache-2.0 */
/* Files with several names, by their ids. */
#include <stdlib.h>

#include "base/mem.h"
#include "archive/archive-impl.h"

/*
 * The index of an id in an array of cap (a power of two) slots, one of which is empty. Ids are
 * small consecutive numbers.
 */
static struct link_slot *slot_of(struct link_slot *slots, size_t cap, uint64_t id)
{
	size_t at = (size_t)id & (cap - 1);

	while (slots[at].id != 0 && slots[at].id != id)
		at = (at + 1) & (cap - 1);
	return &slots[at];
}

static void grow(struct link_map *m)
{
	size_t cap = m->cap ? m->cap * 2 : 64;
	struct link_slot *slots = mem_new_array(struct link_slot, cap);

	for (size_t i = 0; i < m->cap; i++)
		if (m->slots[i].id)
			*slot_of(slots, cap, m->slots[i].id) = m->slots[i];
	free(m->slots);
	m->slots = slots;
	m->cap = cap;
}

struct link_slot *link_map_at(struct link_map *m, uint64_t id)
{
	struct link_slot *s;

	if (m->n >= m->cap / 2)
		grow(m);
	s = slot_of(m->slots, m->cap, id);
	if (!s->id) {
		s->id = id;
		m->n++;
	}
	return s;
}

void link_map_clear(struct link_map *m)
{
	for (size_t i = 0; i < m->cap; i++) {
		free(m->slots[i].path);
		for (struct link_waiting *w = m->slots[i].waiting, *next; w; w = next) {
			next = w->next;
			free(w);
		}
	}
	free(m->slots);
	*m = (struct link_map){0};
}
