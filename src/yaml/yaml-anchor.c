/* SPDX-License-Identifier: Apache-2.0 */
/* Anchors and their nodes, by name. */
#include <search.h>

#include "base/mem.h"
#include "base/str.h"
#include "yaml/yaml-compose.h"

struct anchor {
	char *name;
	struct composed composed; /* node is NULL while it is being read */
};

static int anchor_compare(const void *a, const void *b)
{
	const struct anchor *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static void anchor_free(void *p)
{
	struct anchor *a = p;

	free(a->name);
	free(a);
}

static struct anchor *anchor_find(struct composer *c, const yaml_char_t *name)
{
	CLEANUP(free) char *copy = str_dup((const char *)name);
	struct anchor **found = tfind(&(struct anchor){.name = copy}, &c->anchors, anchor_compare);

	return found ? *found : NULL;
}

void yaml_anchor_declare(struct composer *c, const yaml_char_t *name)
{
	struct anchor *a;

	if (!name)
		return;
	a = anchor_find(c, name);
	if (!a) {
		a = mem_new(struct anchor);
		a->name = str_dup((const char *)name);
		if (!tsearch(a, &c->anchors, anchor_compare))
			abort();
	}
	/* In YAML a later anchor may reuse an earlier one's name. */
	a->composed = (struct composed){0};
}

void yaml_anchor_define(
	struct composer *c, const yaml_char_t *name, const struct composed *composed)
{
	if (name)
		anchor_find(c, name)->composed = *composed;
}

int yaml_anchor_find(
	struct composer *c, const yaml_event_t *alias, struct composed *ret, struct werr **err)
{
	const char *name = (const char *)alias->data.alias.anchor;
	const struct anchor *a = anchor_find(c, alias->data.alias.anchor);

	if (!a)
		return yaml_error(c, alias->start_mark, err,
			"the alias *%s has no anchor &%s before it", name, name);
	if (!a->composed.node)
		return yaml_error(c, alias->start_mark, err,
			"the alias *%s is inside the value that &%s names", name, name);
	*ret = a->composed;
	return 0;
}

void yaml_anchors_free(struct composer *c)
{
	tdestroy(c->anchors, anchor_free);
	c->anchors = NULL;
}
