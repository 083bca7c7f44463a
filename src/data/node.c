/* SPDX-License-Identifier: Apache-2.0 */
#include "data/node.h"

#include <string.h>

#include "base/mem.h"
#include "base/str.h"

const struct node *node_get(const struct node *n, const char *key)
{
	if (!n || n->kind != NODE_MAP)
		return NULL;
	for (size_t i = 0; i < n->n; i++)
		if (str_eq(n->keys[i]->text, key))
			return n->items[i];
	return NULL;
}

const char *node_get_text(const struct node *n, const char *key)
{
	const struct node *value = node_get(n, key);

	if (!value || value->kind != NODE_SCALAR || memchr(value->text, 0, value->size))
		return NULL;
	return value->text;
}

const char *node_kind_name(const struct node *n)
{
	static const char *const kinds[] = {
		[NODE_NULL] = "nothing", [NODE_LIST] = "a list", [NODE_MAP] = "a map"};
	static const char *const types[] = {[SCALAR_TEXT] = "text",
		[SCALAR_BOOL] = "true or false",
		[SCALAR_NUMBER] = "a number"};

	return n->kind == NODE_SCALAR ? types[node_scalar_type(n)] : kinds[n->kind];
}

int node_error(struct werr **err, const struct node *n, const char *fmt, ...)
{
	CLEANUP(free) char *message = NULL;
	va_list ap;

	va_start(ap, fmt);
	message = str_printfv(fmt, ap);
	va_end(ap);
	return werr_at(err, n->document->name, n->line, n->column, "%s", message);
}

void node_place(struct werr **err, const struct node *n)
{
	if (!n || !err || !*err || (*err)->file)
		return;
	(*err)->file = str_dup(n->document->name);
	(*err)->line = n->line;
	(*err)->column = n->column;
}
