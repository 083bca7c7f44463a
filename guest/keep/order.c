/* SPDX-License-Identifier: Apache-2.0 */
#include "keep/order.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum mark { NEW, OPEN, CLOSED };

static size_t place_of(const char *const *names, size_t n, const char *name)
{
	size_t i;

	for (i = 0; i < n && !str_eq(names[i], name); i++)
		continue;
	return i;
}

/* Append an error to the list, if there is one. */
static void tell(struct werr **err, struct werr *e)
{
	if (err)
		werr_append(err, e);
	else
		werr_free(e);
}

/* Remove the edges that lead back to where the search came from. */
static void break_circles(
	struct order *o, const char *const *names, enum mark *marks, size_t i, struct werr **err)
{
	struct order_node *node = &o->nodes[i];
	size_t kept = 0;

	marks[i] = OPEN;
	for (size_t j = 0; j < node->n; j++) {
		size_t to = node->after[j];

		if (marks[to] == OPEN) {
			struct werr *e = NULL;

			werr_set(&e, WERR_INVALID, "%s and %s wait for each other", names[i],
				names[to]);
			tell(err, e);
			continue;
		}
		if (marks[to] == NEW)
			break_circles(o, names, marks, to, err);
		node->after[kept++] = to;
	}
	node->n = kept;
	marks[i] = CLOSED;
}

void order_make(struct order *ret, const char *const *names, const struct strv *const *after,
	size_t n, struct werr **err)
{
	CLEANUP(free) enum mark *marks = mem_new_array(enum mark, n + 1);
	struct order o = {.nodes = mem_new_array(struct order_node, n + 1), .n = n};
	const char *name;

	for (size_t i = 0; i < n; i++) {
		struct order_node *node = &o.nodes[i];

		node->after = mem_new_array(size_t, after[i]->n + 1);
		STRV_FOREACH (name, after[i]) {
			size_t place = place_of(names, n, name);
			struct werr *e = NULL;

			if (place < n) {
				node->after[node->n++] = place;
				continue;
			}
			werr_set(&e, WERR_INVALID, "%s starts after %s, which does not exist",
				names[i], name);
			tell(err, e);
		}
	}
	for (size_t i = 0; i < n; i++)
		if (marks[i] == NEW)
			break_circles(&o, names, marks, i, err);
	*ret = o;
}

void order_cleanup(struct order *o)
{
	for (size_t i = 0; i < o->n; i++)
		free(o->nodes[i].after);
	free(o->nodes);
	*o = (struct order){0};
}

bool order_waits(const struct order *o, size_t a, size_t b)
{
	for (size_t i = 0; i < o->nodes[a].n; i++)
		if (o->nodes[a].after[i] == b)
			return true;
	return false;
}
