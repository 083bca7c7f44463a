/* SPDX-License-Identifier: Apache-2.0 */
/* From nodes to kernel, init and containers. */
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "config/replacement.h"
#include "config/model-build.h"
#include "config/model.h"
#include "contract/paths.h"

const char *config_section_name(enum config_section section)
{
	static const char *const names[] = {[CONFIG_ONBOOT] = "onboot",
		[CONFIG_ONSHUTDOWN] = "onshutdown",
		[CONFIG_SERVICES] = "services"};

	return names[section];
}

/* The last file that gives it wins. */
const struct node *config_kernel_key(const struct config *c, const char *key)
{
	const struct key *about = schema_find(schema_find(&schema_file, "kernel")->map, key);

	for (size_t i = c->n_documents; i-- > 0;) {
		const struct node *kernel = node_get(c->documents[i]->root, "kernel");
		const char *text = node_get_text(kernel, key);

		if (text && (*text || !(about->flags & KEY_EMPTY_IS_NONE)))
			return node_get(kernel, key);
	}
	return NULL;
}

static char *kernel_text(const struct config *c, const char *key, const char *otherwise)
{
	const struct node *n = config_kernel_key(c, key);

	return str_dup(n ? n->text : otherwise);
}

/* The last one that says anything; "image: ''" means none. */
static const struct node *last_kernel(const struct config *c)
{
	for (size_t i = c->n_documents; i-- > 0;) {
		const struct node *kernel = node_get(c->documents[i]->root, "kernel");

		if (kernel && kernel->kind == NODE_MAP &&
			kernel->n > (node_get(kernel, "image") ? 1 : 0))
			return kernel;
	}
	return NULL;
}

/* "" means none. */
static void drop_empty(char **text)
{
	if (*text && !**text) {
		free(*text);
		*text = NULL;
	}
}

/*
 * Replaces each line break and the spaces around it by one space; none at the end. Of several lines
 * the kernel's EFI stub takes only the first one, and a BIOS boot all.
 */
static void join_lines(char *text)
{
	static const char spaces[] = " \t\r\n";
	char *to = text;

	for (const char *from = text; *from;) {
		size_t n = strspn(from, spaces);

		if (strcspn(from, "\r\n") < n) {
			from += n;
			if (to > text && *from)
				*to++ = ' ';
		} else {
			*to++ = *from++;
		}
	}
	*to = '\0';
}

void config_build_kernel(struct config *c, struct checker *checker)
{
	struct config_kernel *k = &c->kernel;
	const struct node *image = config_kernel_key(c, "image");

	k->cmdline = kernel_text(c, "cmdline", "");
	if (!c->compat)
		join_lines(k->cmdline);
	k->binary = kernel_text(c, "binary", "kernel");
	k->tar = kernel_text(c, "tar", "kernel.tar");
	k->ucode = kernel_text(c, "ucode", NULL);
	drop_empty(&k->tar);
	drop_empty(&k->ucode);
	if (k->tar && str_eq(k->tar, "none")) {
		free(k->tar);
		k->tar = NULL;
	}
	k->node = last_kernel(c);
	if (k->node && !image && checker->n_errors == 0 && !c->compat) {
		checker_add(checker, k->node, "kernel has no 'image'");
	}
	if (image) {
		k->image = str_dup(image->text);
		k->node = image;
	}
}

void config_build_init(struct config *c)
{
	size_t cap = 0;

	for (size_t d = 0; d < c->n_documents; d++) {
		const struct node *list = node_get(c->documents[d]->root, "init");

		for (size_t i = 0; list && list->kind == NODE_LIST && i < list->n; i++) {
			const struct node *n = list->items[i];
			size_t images_cap = cap;

			if (n->kind != NODE_SCALAR)
				continue;
			mem_grow(&c->init.images, c->init.n, &images_cap, sizeof(char *));
			mem_grow(&c->init.nodes, c->init.n, &cap, sizeof(n));
			c->init.images[c->init.n] = str_dup(n->text);
			c->init.nodes[c->init.n++] = n;
		}
	}
}

/* A name that can't be used for a directory was refused; its result does not matter. */
static char *entry_dir(enum config_section section, size_t index, const char *name)
{
	static const enum container_kind kinds[] = {[CONFIG_ONBOOT] = CONTAINER_ONBOOT,
		[CONFIG_ONSHUTDOWN] = CONTAINER_ONSHUTDOWN,
		[CONFIG_SERVICES] = CONTAINER_SERVICE};
	CLEANUP(free) char *dir = contract_bundle(kinds[section], index, name);
	char *inside = path_inside(dir);

	return inside ? inside : STEAL(dir);
}

static void add_container(struct config *c, size_t *cap, enum config_section section, size_t index,
	const struct node *n)
{
	const char *name = node_get_text(n, "name"), *image = node_get_text(n, "image");
	struct config_container *k;

	if (!name) /* without an image it is kept for references to it */
		return;
	mem_grow(&c->containers, c->n_containers, cap, sizeof(*k));
	k = &c->containers[c->n_containers];
	k->section = section;
	k->index = index;
	k->name = str_dup(name);
	k->image = str_dup(image);
	k->dir = entry_dir(section, index, name);
	k->id = 100 + (unsigned)c->n_containers++;
	k->node = n;
}

static void add_section(struct config *c, size_t *cap, enum config_section section)
{
	size_t index = 0;

	for (size_t d = 0; d < c->n_documents; d++) {
		const struct node *list =
			node_get(c->documents[d]->root, config_section_name(section));

		for (size_t i = 0; list && list->kind == NODE_LIST && i < list->n; i++)
			add_container(c, cap, section, index++, list->items[i]);
	}
}

static void check_service_names(const struct config *c, struct checker *checker)
{
	for (size_t i = 1; i < c->n_containers; i++) {
		const struct config_container *k = &c->containers[c->ids[i].container];
		const struct config_container *before = &c->containers[c->ids[i - 1].container];

		if (k->section != CONFIG_SERVICES || before->section != CONFIG_SERVICES ||
			!str_eq(k->name, before->name))
			continue;
		checker_add(checker, node_get(k->node, "name"),
			"another service is named '%.80s' (%s:%u)", k->name,
			before->node->document->name, before->node->line);
	}
}

static void check_ids(
	const struct config *c, struct checker *checker, const struct config_container *k)
{
	const struct node *gids = node_get(k->node, "additionalGids");

	config_check_id(c, checker, node_get(k->node, "uid"));
	config_check_id(c, checker, node_get(k->node, "gid"));
	for (size_t i = 0; gids && gids->kind == NODE_LIST && i < gids->n; i++)
		config_check_id(c, checker, gids->items[i]);
}

void config_build_containers(struct config *c, struct checker *checker)
{
	size_t cap = 0;

	add_section(c, &cap, CONFIG_ONBOOT);
	add_section(c, &cap, CONFIG_ONSHUTDOWN);
	add_section(c, &cap, CONFIG_SERVICES);
	config_sort_ids(c);
	check_service_names(c, checker);
	for (size_t i = 0; i < c->n_containers; i++)
		check_ids(c, checker, &c->containers[i]);
	config_check_after(c, checker);
}

/* ---- the whole ---- */

void config_free(struct config *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->n_documents; i++)
		document_free(c->documents[i]);
	for (size_t i = 0; i < c->init.n; i++)
		free(c->init.images[i]);
	for (size_t i = 0; i < c->n_containers; i++) {
		free(c->containers[i].name);
		free(c->containers[i].image);
		free(c->containers[i].dir);
	}
	for (size_t i = 0; i < c->n_files; i++) {
		free(c->files[i].path);
		free(c->files[i].contents);
		free(c->files[i].source);
		free(c->files[i].target);
	}
	config_volumes_free(c);
	for (size_t i = 0; i < c->n_references; i++)
		reference_cleanup(&c->references[i]);
	free(c->references);
	free(c->kernel.image);
	free(c->kernel.cmdline);
	free(c->kernel.binary);
	free(c->kernel.tar);
	free(c->kernel.ucode);
	config_packages_free(c->packages, c->n_packages);
	free(c->documents);
	free(c->init.images);
	free(c->init.nodes);
	free(c->containers);
	free(c->ids);
	free(c->files);
	strv_clear(&c->left_out);
	replacement_free(c);
	config_profiles_free(c);
	free(c->name);
	free(c);
}
