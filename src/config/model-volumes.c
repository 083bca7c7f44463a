/* SPDX-License-Identifier: Apache-2.0 */
/* From nodes to volumes, and their uses. */
#include <stdlib.h>

#include "base/mem.h"
#include "config/model-build.h"
#include "config/model.h"
#include "config/values.h"
#include "contract/paths.h"

static void set_platforms(struct config_volume *v, const struct node *list)
{
	if (!list || list->kind != NODE_LIST)
		return;
	v->platforms = mem_new_array(struct platform, list->n);
	for (size_t i = 0; i < list->n; i++)
		if (platform_parse(list->items[i]->text, &v->platforms[v->n_platforms], NULL) == 0)
			v->n_platforms++;
}

static void add_volume(struct config *c, size_t *cap, size_t index, const struct node *n)
{
	const char *name = node_get_text(n, "name"), *image = node_get_text(n, "image");
	const char *format = node_get_text(n, "format");
	const struct node *readonly = node_get(n, "readonly");
	struct config_volume *v;

	if (!name)
		return;
	mem_grow(&c->volumes, c->n_volumes, cap, sizeof(*v));
	v = &c->volumes[c->n_volumes++];
	v->index = index;
	v->name = str_dup(name);
	v->dir = str_printf(VOLUMES_DIR "/%s", name);
	v->image = image && *image ? str_dup(image) : NULL;
	v->layout = v->image && format && str_eq(format, "oci");
	if (readonly)
		node_to_bool(readonly, &v->readonly);
	if (v->layout) {
		set_platforms(v, node_get(n, "platforms"));
		(void)reference_parse(v->image, &v->reference, NULL); /* or it was refused */
	}
	v->node = n;
}

static int compare_volumes(const void *a, const void *b)
{
	const struct config_volume *const *x = a, *const *y = b;
	int order = strcmp((*x)->name, (*y)->name);

	return order ? order : (*x > *y) - (*x < *y);
}

static int compare_name(const void *name, const void *volume)
{
	return strcmp(name, (*(const struct config_volume *const *)volume)->name);
}

static void sort_volumes(struct config *c)
{
	c->volumes_by_name = mem_new_array(const struct config_volume *, c->n_volumes);
	for (size_t i = 0; i < c->n_volumes; i++)
		c->volumes_by_name[i] = &c->volumes[i];
	if (c->n_volumes > 1)
		qsort(c->volumes_by_name, c->n_volumes, sizeof(c->volumes_by_name[0]),
			compare_volumes);
}

static void check_names(const struct config *c, struct checker *checker)
{
	for (size_t i = 1; i < c->n_volumes; i++) {
		const struct config_volume *v = c->volumes_by_name[i];
		const struct config_volume *before = c->volumes_by_name[i - 1];

		if (!str_eq(v->name, before->name))
			continue;
		checker_add(checker, node_get(v->node, "name"),
			"another volume is named '%.80s' (%s:%u)", v->name,
			before->node->document->name, before->node->line);
	}
}

static const struct config_volume *find_volume(const struct config *c, const char *name)
{
	const struct config_volume *const *found = NULL;

	if (c->n_volumes > 0)
		found = bsearch(name, c->volumes_by_name, c->n_volumes,
			sizeof(c->volumes_by_name[0]), compare_name);
	return found ? *found : NULL;
}

char *config_volume_source(const struct config *c, const char *source)
{
	const struct config_volume *v = source[0] == '/' ? NULL : find_volume(c, source);

	return v ? str_printf("/%s/merged", v->dir) : str_dup(source);
}

static void unknown_volume(
	const struct config *c, struct checker *checker, const struct node *n, const char *name)
{
	CLEANUP(free) const char **names = NULL;
	CLEANUP(free) char *suggestion = NULL;

	if (checker->incomplete)
		return;
	if (checker_is_full(checker)) {
		checker_add(checker, n, "unknown volume");
		return;
	}
	names = mem_new_array(const char *, c->n_volumes + 1);
	for (size_t i = 0; i < c->n_volumes; i++)
		names[i] = c->volumes_by_name[i]->name;
	suggestion = check_suggestion(name, names);
	checker_add(checker, n, "no volume is named '%.80s'%s", name, suggestion);
	checker_hint(checker,
		"a source without a leading '/' names a volume, which must be listed under "
		"'volumes:'");
}

static void check_use(const struct config *c, struct checker *checker, const struct node *n,
	const char *source, bool readonly)
{
	const struct config_volume *v;

	if (source[0] == '/')
		return;
	v = find_volume(c, source);
	if (!v) {
		unknown_volume(c, checker, n, source);
	} else if (v->readonly && !readonly) {
		checker_add(checker, n,
			"the volume '%.80s' is read-only, and this use of it is not", v->name);
		checker_hint(checker, "add the option 'ro'");
	}
}

static void check_binds(const struct config *c, struct checker *checker, const struct node *list)
{
	for (size_t i = 0; list && list->kind == NODE_LIST && i < list->n; i++) {
		const struct node *n = list->items[i];
		CLEANUP(mount_text) struct mount_text m = {0};

		if (n->kind == NODE_SCALAR && mount_text_parse_bind(n->text, &m, NULL) == 0)
			check_use(c, checker, n, m.source,
				strv_has(&m.options, "ro") && !strv_has(&m.options, "rw"));
	}
}

static void check_mounts(const struct config *c, struct checker *checker, const struct node *list)
{
	for (size_t i = 0; list && list->kind == NODE_LIST && i < list->n; i++) {
		const struct node *n = list->items[i];
		const char *type = node_get_text(n, "type"), *source = node_get_text(n, "source");

		if (type && str_eq(type, "bind") && source)
			check_use(c, checker, node_get(n, "source"), source,
				mount_map_has_option(n, "ro") && !mount_map_has_option(n, "rw"));
	}
}

void config_check_volume_uses(const struct config *c, struct checker *checker,
	const struct node *map, const struct node *over)
{
	if (!node_get(over, "binds"))
		check_binds(c, checker, node_get(map, "binds"));
	check_binds(c, checker, node_get(map, "binds.add"));
	if (!node_get(over, "mounts"))
		check_mounts(c, checker, node_get(map, "mounts"));
}

void config_build_volumes(struct config *c, struct checker *checker)
{
	size_t cap = 0, index = 0;

	for (size_t d = 0; d < c->n_documents; d++) {
		const struct node *list = node_get(c->documents[d]->root, "volumes");

		for (size_t i = 0; list && list->kind == NODE_LIST && i < list->n; i++)
			add_volume(c, &cap, index++, list->items[i]);
	}
	sort_volumes(c);
	check_names(c, checker);
	for (size_t i = 0; i < c->n_containers; i++) {
		const struct node *entry = c->containers[i].node;

		config_check_volume_uses(c, checker, entry, NULL);
	}
}

void config_volumes_free(struct config *c)
{
	for (size_t i = 0; i < c->n_volumes; i++) {
		free(c->volumes[i].name);
		free(c->volumes[i].image);
		free(c->volumes[i].dir);
		free(c->volumes[i].platforms);
		reference_cleanup(&c->volumes[i].reference);
	}
	free(c->volumes);
	free(c->volumes_by_name);
}
