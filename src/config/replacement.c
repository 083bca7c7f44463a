/* SPDX-License-Identifier: Apache-2.0 */
#include "config/replacement.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "data/document.h"

const char *const config_component_words[] = {"none", "wherry", NULL};

const char *const *config_components(void)
{
	return config_component_words;
}

struct replacing {
	struct config *c;
	struct checker *checker;
	const struct document *table;
	size_t cap;
	void *seen; /* a tree of struct seen: an anchor's node is in several places */
};

/* A node that was replaced. */
struct seen {
	const struct node *image, *row;
};

static int compare_pointers(const void *a, const void *b)
{
	uintptr_t x = (uintptr_t)a, y = (uintptr_t)b;

	return (x > y) - (x < y);
}

static int compare_seen(const void *a, const void *b)
{
	return compare_pointers(((const struct seen *)a)->image, ((const struct seen *)b)->image);
}

static void note_seen(struct replacing *r, const struct node *image, const struct node *row)
{
	struct seen *s = mem_new(struct seen);

	*s = (struct seen){image, row};
	if (!tsearch(s, &r->seen, compare_seen))
		abort();
}

/* NULL: it was not replaced yet. */
static const struct node *row_of(const struct replacing *r, const struct node *image)
{
	const struct seen key = {.image = image};
	struct seen *const *found = tfind(&key, &r->seen, compare_seen);

	return found ? (*found)->row : NULL;
}

/* ---- shall they be replaced? ---- */

/* The last file that says it counts, and the command line before all files. */
static bool is_wanted(const struct config *c, const struct config_options *options)
{
	const char *word = options->components;

	for (size_t i = c->n_documents; !word && i-- > 0;)
		word = node_get_text(c->documents[i]->root, "components");
	return word && str_eq(word, "wherry");
}

/* ---- an image ---- */

static void record(struct replacing *r, struct node *image, const char *component, const char *why)
{
	struct config *c = r->c;

	mem_grow(&c->replaced, c->n_replaced, &r->cap, sizeof(*c->replaced));
	c->replaced[c->n_replaced++] = (struct config_replacement){.image = str_dup(image->text),
		.component = component ? str_dup(component) : NULL,
		.why = component ? NULL : str_dup(why),
		.node = image};
}

static void warn_stays(
	struct replacing *r, const struct node *image, const char *name, const char *note)
{
	checker_warn(r->checker, image, "no component replaces linuxkit/%.80s: it stays", name);
	checker_hint(r->checker, "docs/components.md lists what there is%s%s", note ? ": " : "",
		note ? note : "");
}

enum outcome { IMAGE_OTHER, IMAGE_REPLACED, IMAGE_LEFT_OUT };

/* *ret_row: of what was replaced. */
static enum outcome replace_image(
	struct replacing *r, struct node *image, bool may_leave_out, const struct node **ret_row)
{
	CLEANUP(free) char *name = NULL;
	CLEANUP(free) char *word = NULL;
	const struct node *row;
	const char *ours, *note;

	if (!image || image->kind != NODE_SCALAR)
		return IMAGE_OTHER;
	*ret_row = row_of(r, image);
	if (*ret_row)
		return IMAGE_REPLACED;
	if (!replacement_linuxkit_name(image->text, &name))
		return IMAGE_OTHER;
	row = replacement_table_find(r->table, name);
	ours = node_get_text(row, "ours");
	note = node_get_text(row, "note");
	if (!ours && may_leave_out && node_get(row, "left-out")) {
		record(r, image, NULL, note);
		return IMAGE_LEFT_OUT;
	}
	if (!ours) {
		warn_stays(r, image, name, note);
		return IMAGE_OTHER;
	}
	word = str_printf("@pkg:%s", ours);
	record(r, image, word, NULL);
	node_set_text(image, word, strlen(word));
	note_seen(r, image, row);
	*ret_row = row;
	return IMAGE_REPLACED;
}

/* ---- the document ---- */

static struct node *member(const struct node *map, const char *key)
{
	for (size_t i = 0; map && map->kind == NODE_MAP && i < map->n; i++)
		if (str_eq(map->keys[i]->text, key))
			return map->items[i];
	return NULL;
}

static void replace_kernel(struct replacing *r, struct node *kernel)
{
	const struct node *row, *ucode = node_get(kernel, "ucode");

	if (replace_image(r, member(kernel, "image"), false, &row) != IMAGE_REPLACED || !ucode ||
		!*ucode->text)
		return;
	checker_warn(r->checker, ucode, "kernel.ucode: the component has no microcode: left out");
	checker_hint(r->checker, "it matters for machines that are not virtual: docs/kernel.md");
	node_set_text(member(kernel, "ucode"), "", 0);
}

static void replace_init(struct replacing *r, struct node *list)
{
	const struct node *row;
	size_t kept = 0;

	for (size_t i = 0; i < list->n; i++)
		if (replace_image(r, list->items[i], true, &row) != IMAGE_LEFT_OUT)
			list->items[kept++] = list->items[i];
	list->n = kept;
}

static void replace_entries(struct replacing *r, struct node *list)
{
	const struct node *row;
	size_t kept = 0;

	for (size_t i = 0; i < list->n; i++) {
		struct node *entry = list->items[i];
		enum outcome what = replace_image(r, member(entry, "image"), true, &row);
		const char *name = node_get_text(entry, "name");

		if (what != IMAGE_LEFT_OUT)
			list->items[kept++] = entry;
		else if (name)
			strv_add(&r->c->left_out, name);
		if (what == IMAGE_REPLACED)
			replacement_adapt_entry(r->checker, entry, row);
	}
	list->n = kept;
}

/* They are files only: none is left out. */
static void replace_volumes(struct replacing *r, struct node *list)
{
	const struct node *row;

	for (size_t i = 0; i < list->n; i++)
		(void)replace_image(r, member(list->items[i], "image"), false, &row);
}

static const struct section {
	const char *key;
	enum node_kind kind;
	void (*replace)(struct replacing *r, struct node *n);
} sections[] = {
	{"kernel", NODE_MAP, replace_kernel},
	{"init", NODE_LIST, replace_init},
	{"onboot", NODE_LIST, replace_entries},
	{"onshutdown", NODE_LIST, replace_entries},
	{"services", NODE_LIST, replace_entries},
	{"volumes", NODE_LIST, replace_volumes},
};

static void for_sections(struct replacing *r, const struct document *d)
{
	for (size_t i = 0; i < ARRAY_SIZE(sections); i++) {
		struct node *n = member(d->root, sections[i].key);

		if (n && n->kind == sections[i].kind)
			sections[i].replace(r, n);
	}
}

static void check_binds(struct checker *checker, const struct document *d)
{
	for (size_t i = 0; i < ARRAY_SIZE(sections); i++) {
		const struct node *list = node_get(d->root, sections[i].key);

		if (sections[i].replace == replace_entries && list && list->kind == NODE_LIST)
			for (size_t k = 0; k < list->n; k++)
				replacement_check_binds(checker, list->items[k]);
	}
}

static int compare_items(const void *a, const void *b)
{
	return compare_pointers(*(const struct node *const *)a, *(const struct node *const *)b);
}

static void sort_nodes(struct config *c)
{
	size_t n = 0;

	c->replaced_nodes = mem_new_array(const struct node *, c->n_replaced);
	for (size_t i = 0; i < c->n_replaced; i++)
		c->replaced_nodes[n++] = c->replaced[i].node;
	if (n > 0)
		qsort(c->replaced_nodes, n, sizeof(c->replaced_nodes[0]), compare_items);
}

void replacement_run(
	struct config *c, struct checker *checker, const struct config_options *options)
{
	CLEANUP(document) struct document *table = NULL;
	struct replacing r = {.c = c, .checker = checker};
	struct werr *err = NULL;

	if (!is_wanted(c, options))
		return;
	if (replacement_table_read(&table, &err) < 0) {
		checker_take_list(checker, err);
		return;
	}
	r.table = table;
	for (size_t i = 0; i < c->n_documents; i++)
		for_sections(&r, c->documents[i]);
	for (size_t i = 0; c->n_replaced && i < c->n_documents; i++)
		check_binds(checker, c->documents[i]);
	strv_sort(&c->left_out);
	sort_nodes(c);
	tdestroy(r.seen, free);
}

bool replacement_has(const struct config *c, const struct node *n)
{
	return c->n_replaced && bsearch(&n, c->replaced_nodes, c->n_replaced,
					sizeof(c->replaced_nodes[0]), compare_items);
}

void replacement_free(struct config *c)
{
	for (size_t i = 0; i < c->n_replaced; i++) {
		free(c->replaced[i].image);
		free(c->replaced[i].component);
		free(c->replaced[i].why);
	}
	free(c->replaced);
	free(c->replaced_nodes);
}
