/* SPDX-License-Identifier: Apache-2.0 */
/* Names of entries as uids and gids. */
#include "base/mem.h"
#include "base/str.h"
#include "config/model-build.h"
#include "config/model.h"

static int compare_ids(const void *a, const void *b)
{
	const struct config_id *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	return order ? order : (x->container > y->container) - (x->container < y->container);
}

void config_sort_ids(struct config *c)
{
	c->ids = mem_new_array(struct config_id, c->n_containers + 1);
	for (size_t i = 0; i < c->n_containers; i++)
		c->ids[i] = (struct config_id){c->containers[i].name, i};
	qsort(c->ids, c->n_containers, sizeof(c->ids[0]), compare_ids);
}

/* The number of sorted names below `name`; with `equal`, including those equal to it. */
static size_t count_below(const struct config *c, const char *name, bool equal)
{
	size_t low = 0, high = c->n_containers;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(c->ids[middle].name, name) < (int)equal)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool config_named(const struct config *c, const char *name, const struct config_container **first,
	const struct config_container **last)
{
	size_t end = count_below(c, name, true);

	if (end == 0 || !str_eq(c->ids[end - 1].name, name))
		return false;
	*last = &c->containers[c->ids[end - 1].container];
	if (first)
		*first = &c->containers[c->ids[count_below(c, name, false)].container];
	return true;
}

/* The last entry of the name counts. */
static bool find_name(const struct config *c, const char *name, uint32_t *ret)
{
	const struct config_container *last;

	if (!config_named(c, name, NULL, &last))
		return false;
	*ret = last->id;
	return true;
}

bool config_id_of(const struct config *c, const struct node *n, uint32_t *ret)
{
	uint64_t number;

	if (n->kind != NODE_SCALAR)
		return false;
	if (find_name(c, n->text, ret))
		return true;
	if (str_eq(n->text, "") || str_eq(n->text, "root")) {
		*ret = 0;
		return true;
	}
	/* A number in quotes is a number too, unless an entry has that name. */
	if (!node_to_u64(n, &number) && str_to_u64(n->text, 10, &number) < 0)
		return false;
	*ret = (uint32_t)number;
	return number <= UINT32_MAX;
}

void config_check_id(const struct config *c, struct checker *checker, const struct node *n)
{
	CLEANUP(free) const char **names = NULL;
	CLEANUP(free) char *suggestion = NULL;
	uint32_t id;

	/* A number that can't be an id was refused with its type. */
	if (checker->incomplete || !n || n->broken || n->kind != NODE_SCALAR ||
		node_scalar_type(n) != SCALAR_TEXT || config_id_of(c, n, &id))
		return;
	if (checker_is_full(checker)) {
		checker_add(checker, n, "unknown name");
		return;
	}
	names = mem_new_array(const char *, c->n_containers + 1);
	for (size_t i = 0; i < c->n_containers; i++)
		names[i] = c->ids[i].name;
	suggestion = check_suggestion(n->text, names);
	checker_add(checker, n, "no entry is named '%.80s'%s", n->text, suggestion);
	checker_hint(checker,
		"write a number, also for a name of an image's /etc/passwd, or the name "
		"of an entry");
}
