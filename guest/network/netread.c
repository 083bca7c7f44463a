/* SPDX-License-Identifier: Apache-2.0 */
#include "network/netread.h"

#include <string.h>

#include "base/str.h"
#include "contract/network.h"

int netread_map(const struct node *n, const struct netread *readers, size_t count, void *ctx,
	struct werr **err)
{
	if (n->kind != NODE_MAP)
		return node_error(err, n, "must be an object, not %s", node_kind_name(n));
	for (size_t i = 0; i < n->n; i++) {
		size_t k = 0;
		int r;

		while (k < count && !str_eq(readers[k].key, n->keys[i]->text))
			k++;
		if (k == count)
			return node_error(err, n->keys[i], "unknown key '%.80s'", n->keys[i]->text);
		r = readers[k].read(ctx, n->items[i], err);
		if (r < 0)
			return r;
	}
	return 0;
}

int netread_text(const struct node *n, char **ret, struct werr **err)
{
	if (n->kind != NODE_SCALAR || n->size == 0 || strlen(n->text) != n->size)
		return node_error(err, n, "must be a string");
	str_replace(ret, n->text);
	return 0;
}

int netread_name(const struct node *n, char **ret, struct werr **err)
{
	int r = netread_text(n, ret, err);
	const char *fault = r == 0 ? network_name_fault(*ret) : NULL;

	return fault ? node_error(err, n, "the name '%.80s' %s", *ret, fault) : r;
}

int netread_number(
	const struct node *n, uint64_t min, uint64_t max, uint64_t *ret, struct werr **err)
{
	if (node_to_u64(n, ret) && *ret >= min && *ret <= max)
		return 0;
	return node_error(err, n, "must be a number from %llu to %llu", (unsigned long long)min,
		(unsigned long long)max);
}

int netread_bool(const struct node *n, bool *ret, struct werr **err)
{
	return node_to_bool(n, ret) ? 0 : node_error(err, n, "must be true or false");
}

int netread_address(const struct node *n, bool (*parse)(const char *text, struct netaddr *ret),
	struct netaddr *ret, struct werr **err)
{
	if (n->kind == NODE_SCALAR && parse(n->text, ret))
		return 0;
	return node_error(err, n, "'%.80s' is not an address", n->text);
}
