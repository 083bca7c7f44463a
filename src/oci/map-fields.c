/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/map-fields.h"

#include <stdlib.h>

#include "base/mem.h"

int field_node(const struct node *map, const char *key, enum node_kind kind,
	const struct node **ret, struct werr **err)
{
	const struct node *n = node_get(map, key);

	if (n && n->kind != NODE_NULL && n->kind != kind)
		return werr_set(err, WERR_INVALID, "%s: '%s' is %s", map->document->name, key,
			node_kind_name(n));
	*ret = n && n->kind == kind ? n : NULL;
	return 0;
}

int field_text(const struct node *map, const char *key, const char **ret, struct werr **err)
{
	const struct node *n;
	int r = field_node(map, key, NODE_SCALAR, &n, err);

	if (r < 0)
		return r;
	if (n && !n->quoted)
		return werr_set(
			err, WERR_INVALID, "%s: '%s' is not a text", map->document->name, key);
	*ret = n ? n->text : NULL;
	return 0;
}

int field_copy(const struct node *map, const char *key, char **ret, struct werr **err)
{
	const char *text;
	int r = field_text(map, key, &text, err);

	if (r == 0)
		*ret = str_dup(text);
	return r;
}

int field_texts(const struct node *map, const char *key, struct strv *ret, struct werr **err)
{
	const struct node *list;
	int r = field_node(map, key, NODE_LIST, &list, err);

	for (size_t i = 0; r == 0 && list && i < list->n; i++) {
		const struct node *n = list->items[i];

		if (n->kind != NODE_SCALAR || !n->quoted)
			return werr_set(err, WERR_INVALID, "%s: '%s' is not a list of texts",
				map->document->name, key);
		strv_add(ret, n->text);
	}
	return r;
}

int field_keys(const struct node *map, const char *key, struct strv *ret, struct werr **err)
{
	const struct node *n;
	int r = field_node(map, key, NODE_MAP, &n, err);

	for (size_t i = 0; r == 0 && n && i < n->n; i++)
		strv_add(ret, n->keys[i]->text);
	return r;
}

int field_annotations(const struct node *map, const char *key, struct annotation **ret,
	size_t *ret_n, struct werr **err)
{
	const struct node *n;
	int r = field_node(map, key, NODE_MAP, &n, err);

	if (r < 0 || !n || n->n == 0)
		return r;
	for (size_t i = 0; i < n->n; i++)
		if (n->items[i]->kind != NODE_SCALAR || !n->items[i]->quoted)
			return werr_set(err, WERR_INVALID, "%s: '%s' in '%s' is not a text",
				map->document->name, n->keys[i]->text, key);
	*ret = mem_new_array(struct annotation, n->n);
	*ret_n = n->n;
	for (size_t i = 0; i < n->n; i++) {
		(*ret)[i].key = str_dup(n->keys[i]->text);
		(*ret)[i].value = str_dup(n->items[i]->text);
	}
	return 0;
}

/* Read one word of a platform; refuse words that no sane image uses. */
static int platform_word(const struct node *map, const char *key, bool required,
	char dst[static 32], struct werr **err)
{
	const char *text;
	int r = field_text(map, key, &text, err);

	if (r < 0)
		return r;
	if (!text && required)
		return werr_set(err, WERR_INVALID, "%s: '%s' is missing", map->document->name, key);
	text = text ? text : "";
	if (text[strspn(
		    text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-")] ||
		str_copy(dst, 32, text) < 0)
		return werr_set(err, WERR_INVALID, "%s: the %s '%.40s' can't be one",
			map->document->name, key, text);
	return 0;
}

int field_platform(const struct node *map, struct platform *ret, struct werr **err)
{
	struct platform p = {0};
	int r = platform_word(map, "os", true, p.os, err);

	if (r == 0)
		r = platform_word(map, "architecture", true, p.arch, err);
	if (r == 0)
		r = platform_word(map, "variant", false, p.variant, err);
	if (r < 0)
		return r;
	platform_normalize(&p);
	*ret = p;
	return r;
}
