/* SPDX-License-Identifier: Apache-2.0 */
/* `arches`: entries that are for some architectures only. */
#include <stdlib.h>

#include "base/mem.h"
#include "base/str.h"
#include "config/model-build.h"
#include "config/model.h"
#include "oci/platform.h"

/*
 * "arm" is every arm, "linux/arm/v7" what an image for v7 runs on. With a mistake in it, which is
 * reported elsewhere, the entry is kept, so that it causes no others.
 */
static bool is_for(const struct node *arch, const struct platform *wanted)
{
	struct platform p;

	if (arch->kind != NODE_SCALAR || platform_parse(arch->text, &p, NULL) < 0)
		return true;
	return p.variant[0] ? platform_matches(&p, wanted) : str_eq(p.arch, wanted->arch);
}

static bool is_wanted(const struct node *entry, const struct platform *wanted)
{
	const struct node *arches = node_get(entry, "arches");

	if (!arches || arches->kind != NODE_LIST || arches->n == 0)
		return true;
	for (size_t i = 0; i < arches->n; i++)
		if (is_for(arches->items[i], wanted))
			return true;
	return false;
}

static void leave_out_of(struct config *c, struct node *list, const struct platform *wanted)
{
	size_t kept = 0;

	for (size_t i = 0; i < list->n; i++) {
		const char *name = node_get_text(list->items[i], "name");

		if (is_wanted(list->items[i], wanted))
			list->items[kept++] = list->items[i];
		else if (name)
			strv_add(&c->left_out, name);
	}
	list->n = kept;
}

void config_leave_out(struct config *c, const struct platform *wanted)
{
	static const char *const lists[] = {
		"onboot", "onshutdown", "services", "files", "volumes", NULL};

	for (size_t d = 0; d < c->n_documents; d++) {
		const struct node *root = c->documents[d]->root;

		for (size_t i = 0; root->kind == NODE_MAP && i < root->n; i++)
			for (const char *const *name = lists; *name; name++)
				if (root->items[i]->kind == NODE_LIST &&
					str_eq(root->keys[i]->text, *name))
					leave_out_of(c, root->items[i], wanted);
	}
	strv_sort(&c->left_out);
}

static int compare_texts(const void *a, const void *b)
{
	return strcmp(a, *(const char *const *)b);
}

bool config_is_left_out(const struct config *c, const char *name)
{
	return c->left_out.n > 0 && bsearch(name, c->left_out.items, c->left_out.n,
					    sizeof(c->left_out.items[0]), compare_texts);
}
