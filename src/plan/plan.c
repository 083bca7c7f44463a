/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/plan.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "plan/rootfs.h"
#include "plan/part-impl.h"
#include "plan/plan-impl.h"
#include "contract/paths.h"

void plan_free(struct plan *p)
{
	for (size_t i = 0; i < p->n; i++) {
		if (p->parts[i].container)
			bundle_free(p->parts[i].container);
		store_image_layout_free(p->parts[i].layout);
		free(p->parts[i].prefix);
	}
	for (size_t i = 0; i < p->n_images; i++)
		if (p->images[i])
			store_image_free(p->images[i]);
	if (p->kernel.tree)
		tree_free(p->kernel.tree);
	if (p->earlier)
		earlier_free(p->earlier);
	free(p->unchanged.containers);
	free(p->unchanged.volumes);
	free(p->parts);
	free(p->images);
	free(p->uses);
	free(p);
}

const struct image *plan_image(const struct plan *p, const char *reference)
{
	for (size_t i = 0; i < p->n_images; i++)
		if (str_eq(p->uses[i].image, reference))
			return p->images[i];
	return NULL;
}

/* A file that the kernel's image must have. */
static int kernel_file(const struct plan *p, const char *what, const char *path,
	struct tree_node **ret, struct werr **err)
{
	const struct config_kernel *k = &p->config->kernel;
	struct tree_node *n = tree_resolve(p->kernel.tree, path);

	if (n && S_ISREG(n->meta.mode)) {
		*ret = n;
		return 0;
	}
	werr_set(err, WERR_NOT_FOUND, "kernel image %s has no file '%s' (the %s)", k->image, path,
		what);
	werr_hint(err, "name it with '%s:' under 'kernel:'%s", what,
		str_eq(what, "tar") ? ", or write 'tar: none' if there are no modules" : "");
	node_place(err, k->node);
	return werr_code(WERR_NOT_FOUND);
}

int plan_load_kernel(struct plan *p, struct werr **err)
{
	const struct config_kernel *k = &p->config->kernel;
	int r;

	if (p->kernel.tree || !plan_needs_kernel(p))
		return 0;
	r = rootfs_load(p->store, plan_image(p, k->image), NULL, &p->kernel.tree, err);
	if (r == 0)
		r = kernel_file(p, "binary", k->binary, &p->kernel.binary, err);
	if (r == 0 && k->tar)
		r = kernel_file(p, "tar", k->tar, &p->kernel.tar, err);
	if (r == 0 && k->ucode)
		r = kernel_file(p, "ucode", k->ucode, &p->kernel.ucode, err);
	return r;
}

static struct part *add_part(struct plan *p, const struct part_kind *kind, const char *name)
{
	struct part *part = &p->parts[p->n++];

	part->kind = kind;
	part->name = name;
	return part;
}

/* The directory where an earlier part has put the files of this image, or NULL. */
static const char *files_of(const struct plan *p, const struct image *image)
{
	for (size_t i = 0; i < p->n; i++) {
		const struct part *part = &p->parts[i];

		if (part->container && part->files_dir && !part->container->id_base &&
			str_eq(part->image->name, image->name))
			return part->files_dir;
	}
	return NULL;
}

/* Reads files of an image, whose tree is made at the first one. */
struct look {
	const struct plan *plan;
	const struct image *image;
	struct tree *tree;
};
static void look_cleanup(struct look *l)
{
	tree_free(l->tree);
}

static int read_image_file(
	const char *path, size_t max, char **ret, size_t *ret_size, void *ctx, struct werr **err)
{
	struct look *l = ctx;
	const struct tree_node *n;
	CLEANUP(reader) struct reader *content = NULL;
	int r = l->tree ? 0 : rootfs_load(l->plan->store, l->image, NULL, &l->tree, err);

	if (r < 0)
		return r;
	n = tree_resolve(l->tree, path);
	if (!n || !S_ISREG(n->meta.mode) || n->file->size > max)
		return 0;
	content = tree_open_file(l->tree, n);
	return reader_read_all(content, max, ret, ret_size, err);
}

static int make_container(const struct plan *p, const struct config_container *entry,
	const struct image *image, struct bundle **ret, struct werr **err)
{
	CLEANUP(look) struct look look = {.plan = p, .image = image};
	const struct bundle_image_files files = {read_image_file, &look};

	return bundle_make(p->config, entry, image->config, &files, files_of(p, image), ret, err);
}

/* LinuxKit makes such a bundle as well, and it can still be inspected. */
static void warn_of_command(
	const struct plan *p, const struct config_container *entry, const struct bundle *container)
{

	if (!container->has_command && !p->config->compat)
		log_warning("%s:%u:%u: '%s' has nothing to run: "
			    "neither the file nor its image %s names a program",
			entry->node->document->name, entry->node->line, entry->node->column,
			entry->name, entry->image);
}

/* The image's author expects that its VOLUMEs are kept. A step leaves nothing behind anyway. */
static void tell_of_volumes(
	const struct plan *p, const struct config_container *entry, const struct bundle *container)
{
	CLEANUP(free) char *paths = strv_join(&container->unkept, ", ");

	if (container->unkept.n == 0 || p->config->compat || entry->section != CONFIG_SERVICES)
		return;
	log_info("%s:%u:%u: '%s' keeps data in %s, which %s: bind a directory of a disk there",
		entry->node->document->name, entry->node->line, entry->node->column, entry->name,
		paths,
		container->readonly ? "can't be written to" : "is in memory and lost at a reboot");
}

/*
 * Report what the image's label grants its container, which nothing in the file shows. The label of
 * a package that is built here is the user's own.
 */
static int report_grants(const struct plan *p, const struct config_container *entry,
	const struct bundle *container, struct werr **err)
{
	CLEANUP(free) char *texts = strv_join(&container->grants, "; ");
	CLEANUP(free) char *names = strv_join(&container->grant_names, ", ");

	if (container->grants.n == 0 || config_package_of(p->config, entry->image))
		return 0;
	if (!p->options.strict) {
		log_warning("%s:%u:%u: the image of '%s' gives itself %s; if that is intended: "
			    "'wherry: {accept: [%s]}'",
			entry->node->document->name, entry->node->line, entry->node->column,
			entry->name, texts, names);
		return 0;
	}
	werr_set(err, WERR_INVALID, "the image of '%s' gives itself %s", entry->name, texts);
	werr_hint(err, "if that is intended, say so with 'wherry: {accept: [%s]}'", names);
	return werr_code(WERR_INVALID);
}

/* "containers/services/nginx" without its first directory tells which one it is. */
static const char *name_of_dir(const char *dir)
{
	const char *name = str_after(dir, CONTAINERS_DIR "/");

	return name ? name : dir;
}

static int add_container(struct plan *p, size_t index, struct werr **err)
{
	const struct config_container *entry = &p->config->containers[index];
	const struct image *image = plan_image(p, entry->image);
	CLEANUP(bundle) struct bundle *container = NULL;
	struct part *part;
	/* The bundle of an unchanged entry is there; its image is needed only to know where its
	 * files are. */
	int r = image ? make_container(p, entry, image, &container, err) : 0;

	if (r == 0 && container)
		r = report_grants(p, entry, container, err);
	if (r < 0) {
		node_place(err, entry->node);
		return r;
	}
	if (container) {
		warn_of_command(p, entry, container);
		tell_of_volumes(p, entry, container);
	}
	part = add_part(p, &part_kind_container, name_of_dir(entry->dir));
	part->dir = entry->dir;
	part->entry = entry;
	part->image = image;
	part->files_dir = container ? container->files_dir : NULL;
	part->container = STEAL(container);
	part->unchanged = p->unchanged.containers[index];
	return 0;
}

static int add_volume(struct plan *p, size_t index, struct werr **err)
{
	const struct config_volume *v = &p->config->volumes[index];
	struct part *part = add_part(p, &part_kind_volume, name_of_dir(v->dir));
	int r = 0;

	part->dir = v->dir;
	part->volume = v;
	part->prefix = path_join(v->dir, VOLUME_LOWER);
	part->unchanged = p->unchanged.volumes[index];
	if (!part->unchanged && v->layout)
		r = resolve_layout(p->config, v, &p->images_from, &part->layout, err);
	else if (!part->unchanged && v->image)
		part->image = plan_image(p, v->image);
	if (v->image && !v->layout)
		part->files_dir = part->prefix;
	if (r < 0)
		node_place(err, node_get(v->node, "image"));
	return r;
}

/* Add n parts by add; what is wrong with each goes to the list. */
static void add_parts(struct plan *p, size_t n,
	int (*add)(struct plan *p, size_t index, struct werr **err), int *result, struct werr **err)
{
	for (size_t i = 0; i < n; i++) {
		struct werr *why = NULL;
		int r = add(p, i, &why);

		werr_collect(err, result, r, why);
	}
}

static bool has_files_in_bundles(const struct config *c)
{
	for (size_t i = 0; i < c->n_files; i++)
		if (str_after(c->files[i].path, CONTAINERS_DIR "/"))
			return true;
	return false;
}

int plan_make(struct plan **ret, const struct config *c, const struct resolve_options *images,
	const struct plan_options *options, struct werr **err)
{
	CLEANUP(plan) struct plan *p = mem_new(struct plan);
	int r;

	p->config = c;
	p->options = *options;
	p->store = images->store;
	p->images_from = *images;
	p->parts = mem_new_array(struct part, c->n_containers + c->n_volumes + 5);
	r = plan_find_unchanged(p, err);
	if (r == 0)
		r = plan_find_images(p, err);
	if (r < 0)
		return r;
	if (c->kernel.image)
		add_part(p, &part_kind_boot, "boot")->unchanged = p->unchanged.boot;
	add_part(p, &part_kind_root, "root")->unchanged = p->unchanged.root;
	add_parts(p, c->n_containers, add_container, &r, err);
	add_parts(p, c->n_volumes, add_volume, &r, err);
	if (r < 0)
		return r;
	if (has_files_in_bundles(c))
		add_part(p, &part_kind_files, "files");
	if (part_wants_release(p))
		add_part(p, &part_kind_release, "os-release");
	if (options->sbom)
		add_part(p, &part_kind_sbom, "sbom");
	*ret = STEAL(p);
	return 0;
}
