/* SPDX-License-Identifier: Apache-2.0 */
/* Which package of a distribution a file is of; of YAML by what is kept of its images. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/path.h"
#include "cli/weights.h"
#include "data/json.h"
#include "oci/image-config.h"
#include "plan/owned.h"

enum { LABEL_NAMES = 3 };

struct owned {
	const struct image *image; /* or NULL */
	char *prefix;              /* of an output: where its files are */
	struct owners owners;
	size_t unowned; /* the package of what none has; SIZE_MAX: not there yet */
};
struct weights_owners {
	struct owned *items;
	size_t n, cap;
};

void weights_owners_free(struct weights_owners *o)
{
	for (size_t i = 0; o && i < o->n; i++) {
		owners_cleanup(&o->items[i].owners);
		free(o->items[i].prefix);
	}
	if (o)
		free(o->items);
	free(o);
}

static struct owned *add(struct weights_owners *o, const struct image *image, const char *prefix)
{
	mem_grow(&o->items, o->n, &o->cap, sizeof(*o->items));
	o->items[o->n] = (struct owned){image, str_dup(prefix), {0}, SIZE_MAX};
	return &o->items[o->n++];
}

static int read_below(
	const struct subject *s, struct weights_owners *o, const char *prefix, struct werr **err)
{
	return owners_read(s->tree, prefix, &add(o, s->image, prefix)->owners, err);
}

/* Each container of an output, whose files are in one of two directories. */
static int read_containers(const struct subject *s, struct weights_owners *o, struct werr **err)
{
	static const char *const dirs[] = {"lower", "rootfs"};
	const struct tree_node *top = tree_find(s->tree, "containers");
	int r = 0;

	for (uint32_t i = 0; top && i < top->n; i++)
		for (uint32_t k = 0; k < top->children[i]->n; k++)
			for (size_t d = 0; r == 0 && d < ARRAY_SIZE(dirs); d++) {
				CLEANUP(free)
				char *prefix =
					str_printf("containers/%s/%s/%s", top->children[i]->name,
						top->children[i]->children[k]->name, dirs[d]);

				if (tree_find(s->tree, prefix))
					r = read_below(s, o, prefix, err);
			}
	return r;
}

int weights_owners_new(const struct subject *s, struct weights_owners **ret, struct werr **err)
{
	CLEANUP(weights_owners) struct weights_owners *o = mem_new(struct weights_owners);
	const struct plan *p = s->holdings.plan;
	int r = 0;

	if (!s->config) {
		r = s->look ? read_containers(s, o, err) : 0;
		if (r == 0)
			r = read_below(s, o, "", err);
	}
	for (size_t i = 0; r == 0 && p && i < p->n_images; i++)
		if (p->images[i])
			r = owned_get(
				s->store, p->images[i], &add(o, p->images[i], "")->owners, err);
	if (r == 0)
		*ret = STEAL(o);
	return r;
}

static struct owned *find_image(
	struct weights_owners *o, const struct weights_component *c, const char *path)
{
	for (size_t i = 0; i < o->n; i++) {
		const struct owned *item = &o->items[i];

		if (c->image && item->image && str_eq(item->image->name, c->image))
			return &o->items[i];
		if (!c->image && (!*item->prefix || (str_after(path, item->prefix) &&
							    path[strlen(item->prefix)] == '/')))
			return &o->items[i];
	}
	return NULL;
}

static size_t package_of(struct weights *w, const char *kind, const char *name, const char *version,
	const char *image)
{
	for (size_t i = 0; i < w->n_packages; i++) {
		const struct weights_package *p = &w->packages[i];

		if (str_eq(p->kind, kind) && str_eq(p->name, name) && str_eq(p->version, version) &&
			str_eq(p->image ? p->image : "", image ? image : ""))
			return i;
	}
	mem_grow(&w->packages, w->n_packages, &w->cap_packages, sizeof(*w->packages));
	w->packages[w->n_packages] =
		(struct weights_package){str_dup(name), str_dup(version), kind, image, {0}};
	return w->n_packages++;
}

/* "libc6, nginx and 3 more", of the label of a component image; owned by the caller. */
static char *label_names(const struct image *image)
{
	const char *text =
		image->config ? image_config_label(image->config, IMAGE_LABEL_PACKAGES) : NULL;
	CLEANUP(document) struct document *d = NULL;
	CLEANUP(strv) struct strv names = {0};
	CLEANUP(free) char *list = NULL;

	if (!text || json_parse("packages", text, strlen(text), &d, NULL) < 0 ||
		d->root->kind != NODE_LIST)
		return NULL;
	for (size_t i = 0; i < d->root->n && names.n < LABEL_NAMES; i++)
		if (node_get_text(d->root->items[i], "name"))
			strv_add(&names, node_get_text(d->root->items[i], "name"));
	if (names.n == 0)
		return NULL;
	list = strv_join(&names, ", ");
	return d->root->n > names.n ? str_printf("%s and %zu more", list, d->root->n - names.n)
				    : STEAL(list);
}

/* All that no package has, of an image: which of those that it was made of a file is from, its
 * label does not say. */
static size_t unowned_of(struct weights *w, struct owned *o)
{
	const char *image = o->image ? o->image->name : NULL;
	CLEANUP(free) char *names = NULL;

	if (o->unowned != SIZE_MAX || !image)
		return o->unowned;
	names = label_names(o->image);
	o->unowned = package_of(w, names ? "built" : "none", names ? names : "", "", image);
	return o->unowned;
}

size_t weights_owner(struct weights *w, struct weights_owners *o, const struct subject *s,
	const struct weights_node *n, const struct tree_node *from, const char *path)
{
	static const char *const kinds[SOFTWARE_KINDS] = {
		[SOFTWARE_DEB] = "deb", [SOFTWARE_APK] = "apk", [SOFTWARE_RPM] = "rpm"};
	const struct weights_component *c = &w->components[n->component];
	struct owned *in = S_ISDIR(from->meta.mode) ? NULL : find_image(o, c, path);
	const struct owners_package *p;
	const char *prefix = s->config ? c->prefix : in ? in->prefix : "";
	const char *inside = *prefix ? str_after(path, prefix) : path;

	if (!in || !inside)
		return SIZE_MAX;
	p = owners_find(&in->owners, inside + strspn(inside, "/"));
	if (!p || !kinds[p->kind])
		return unowned_of(w, in);
	return package_of(
		w, kinds[p->kind], p->name, p->version, in->image ? in->image->name : NULL);
}
