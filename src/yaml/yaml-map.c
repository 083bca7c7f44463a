/* SPDX-License-Identifier: Apache-2.0 */
/* Maps: duplicate keys and merge keys (https://yaml.org/type/merge.html). */
#include <errno.h>

#include "base/mem.h"
#include "base/str.h"
#include "yaml/yaml-compose.h"

static void add_pair(struct yaml_pairs *pairs, struct node *key, struct node *value)
{
	mem_grow(&pairs->items, pairs->n, &pairs->cap, sizeof(pairs->items[0]));
	pairs->items[pairs->n] = (struct yaml_pair){key, value, pairs->n};
	pairs->n++;
}

static int duplicate(
	struct composer *c, const struct node *first, const struct node *second, struct werr **err)
{
	struct werr *e = NULL;

	node_error(&e, second, "the key '%.80s' is already given on line %u", second->text,
		first->line);
	return yaml_mistake(c, e, err);
}

int yaml_pairs_add(struct composer *c, struct yaml_pairs *pairs, struct node *key,
	struct node *value, struct werr **err)
{
	if (key->quoted || !str_eq(key->text, "<<")) {
		add_pair(pairs, key, value);
		return 0;
	}
	if (pairs->merge) {
		struct werr *e = NULL;

		node_error(&e, key, "a second merge key '<<' in the same map");
		werr_hint(&e, "one '<<' takes a list: <<: [*a, *b]");
		return yaml_mistake(c, e, err);
	}
	pairs->merge = value;
	return 0;
}

static int merge_map(
	struct composer *c, struct yaml_pairs *pairs, const struct node *source, struct werr **err)
{
	struct werr *e = NULL;

	if (source->kind != NODE_MAP) {
		node_error(&e, source, "the merge key '<<' needs a map or a list of maps, not %s",
			node_kind_name(source));
		return yaml_mistake(c, e, err);
	}
	for (size_t i = 0; i < source->n; i++)
		add_pair(pairs, source->keys[i], source->items[i]);
	return 0;
}

static int merge_all(struct composer *c, struct yaml_pairs *pairs, struct werr **err)
{
	const struct node *merge = pairs->merge;
	int r = 0;

	if (!merge)
		return 0;
	if (merge->kind != NODE_LIST)
		return merge_map(c, pairs, merge, err);
	for (size_t i = 0; r == 0 && i < merge->n; i++)
		r = merge_map(c, pairs, merge->items[i], err);
	return r;
}

static int compare_keys(const void *a, const void *b)
{
	const struct yaml_pair *x = a, *y = b;
	int order = strcmp(x->key->text, y->key->text);

	return order ? order : (x->rank > y->rank) - (x->rank < y->rank);
}

static int compare_ranks(const void *a, const void *b)
{
	const struct yaml_pair *x = a, *y = b;

	return (x->rank > y->rank) - (x->rank < y->rank);
}

/* Of equal keys the first stays. Among the map's own keys (ranks below own) there must not be equal
 * ones. */
static int remove_doubles(
	struct composer *c, struct yaml_pairs *pairs, size_t own, struct werr **err)
{
	size_t kept = 0;
	int r = 0;

	for (size_t i = 0; r == 0 && i < pairs->n; i++) {
		const struct yaml_pair *p = &pairs->items[i];
		const struct yaml_pair *last = kept > 0 ? &pairs->items[kept - 1] : NULL;

		if (!last || !str_eq(last->key->text, p->key->text))
			pairs->items[kept++] = *p;
		else if (p->rank < own)
			r = duplicate(c, last->key, p->key, err);
	}
	pairs->n = kept;
	return r;
}

int yaml_pairs_finish(
	struct composer *c, struct yaml_pairs *pairs, struct node *map, struct werr **err)
{
	size_t own = pairs->n;
	CLEANUP(free) struct node **keys = NULL;
	CLEANUP(free) struct node **values = NULL;
	int r;

	r = merge_all(c, pairs, err);
	if (r < 0)
		return r;
	if (pairs->n > 1)
		qsort(pairs->items, pairs->n, sizeof(pairs->items[0]), compare_keys);
	r = remove_doubles(c, pairs, own, err);
	if (r < 0)
		return r;
	if (pairs->n > 1)
		qsort(pairs->items, pairs->n, sizeof(pairs->items[0]), compare_ranks);
	keys = mem_new_array(struct node *, pairs->n);
	values = mem_new_array(struct node *, pairs->n);
	for (size_t i = 0; i < pairs->n; i++) {
		keys[i] = pairs->items[i].key;
		values[i] = pairs->items[i].value;
	}
	document_set_map(c->document, map, keys, values, pairs->n);
	return 0;
}
