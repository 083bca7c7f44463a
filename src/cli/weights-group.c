/* SPDX-License-Identifier: Apache-2.0 */
/* Which component of an OS or an image a file is of, and how well it is packed there. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/path.h"
#include "cli/weights.h"

static size_t add(struct weights *w, const char *name, const char *image, const char *prefix)
{
	mem_grow(&w->components, w->n, &w->cap, sizeof(*w->components));
	w->components[w->n] = (struct weights_component){
		.name = str_dup(name), .image = str_dup(image), .prefix = str_dup(prefix)};
	return w->n++;
}

static size_t find(struct weights *w, const char *name, const char *image, const char *prefix)
{
	for (size_t i = 0; i < w->n; i++) {
		const struct weights_component *c = &w->components[i];

		if (str_eq(c->name, name) && str_eq(c->image ? c->image : "", image ? image : ""))
			return i;
	}
	return add(w, name, image, prefix);
}

/* Of an image, its layers, from the bottom. */
void weights_group_init(struct weights *w, const struct subject *s)
{
	const struct manifest *m = s->image && !s->look ? s->image->manifest : NULL;

	for (size_t i = 0; m && i < m->n; i++) {
		CLEANUP(free) char *name = str_printf("layer %zu", i + 1);
		size_t at = add(w, name, NULL, "");

		w->components[at].weight.packed = (double)m->items[i].size;
	}
}

/* "containers/services/web/lower/x": services/web, and where its files are. */
static size_t group_by_path(struct weights *w, const char *path)
{
	const char *rest = str_after(path, "containers/");
	const char *kind_end = rest ? strchr(rest, '/') : NULL;
	const char *end = kind_end ? strchr(kind_end + 1, '/') : NULL, *dir = NULL;
	CLEANUP(free) char *name = NULL;
	CLEANUP(free) char *prefix = NULL;

	if (!kind_end)
		return find(w, str_after(path, "boot/") ? "boot" : "root", NULL, "");
	name = end ? str_dup_n(rest, (size_t)(end - rest)) : str_dup(rest);
	if (end)
		dir = str_after(end, "/lower")    ? "/lower"
		      : str_after(end, "/rootfs") ? "/rootfs"
						  : "";
	prefix = str_printf("containers/%s%s", name, dir ? dir : "");
	return find(w, name, NULL, prefix);
}

/* The image whose files a part is for; what else is in it, as config.json, is there for that. */
static const char *image_of(const struct part *part)
{
	if (!part->files_dir)
		return NULL;
	return part->entry ? part->entry->image : part->volume->image;
}

static size_t group_by_part(struct weights *w, const struct subject *s, const struct tree_node *n)
{
	const struct holdings *h = &s->holdings;
	const struct part *part = &h->plan->parts[n->origin];
	const struct holdings_file *f = holdings_find(h, n);
	const char *image = image_of(part);

	if (!image && f)
		image = f->source;
	return find(w, part->name, image, part->files_dir ? part->files_dir : "");
}

size_t weights_group(
	struct weights *w, const struct subject *s, const struct tree_node *n, const char *path)
{
	if (s->config)
		return group_by_part(w, s, n);
	if (s->look)
		return group_by_path(w, path);
	return n->layer < w->n ? n->layer : 0;
}

/* ---- how well it is packed ---- */

static const struct holdings_part *find_part(const struct holdings *h, const char *name)
{
	for (size_t i = 0; i < h->n; i++)
		if (str_eq(h->parts[i].name, name))
			return &h->parts[i];
	return NULL;
}

/* A part's piece is shared by what its images have brought to it. */
static void finish_part(struct weights_component *c, const struct holdings *h)
{
	const struct holdings_part *p = find_part(h, c->name);

	/* What is there is for the boot loader, which takes it as it is. */
	if (str_eq(c->name, "boot")) {
		c->weight.packed = (double)c->weight.size;
		c->is_measured = true;
		return;
	}
	c->is_measured = p && p->packed && p->size == c->weight.size;
	if (p && p->packed)
		c->weight.packed =
			p->size ? (double)p->packed * (double)c->weight.size / (double)p->size
				: (double)p->packed;
}

/* What holds the files of the OS, without what is in boot/, which is not packed by us. */
static double packed_of(const struct look *l)
{
	double size = 0;

	for (size_t i = 0; i < look_count(l); i++)
		if (look_is_os(l, i))
			size += (double)look_item(l, i)->size;
	return size;
}

void weights_group_finish(struct weights *w, const struct subject *s)
{
	double packed = s->look ? packed_of(s->look) : 0, size = 0;

	for (size_t i = 0; s->look && i < w->n; i++)
		size += str_eq(w->components[i].name, "boot")
				? 0
				: (double)w->components[i].weight.size;
	for (size_t i = 0; i < w->n; i++) {
		struct weights_component *c = &w->components[i];

		if (s->config)
			finish_part(c, &s->holdings);
		else if (!s->look)
			c->is_measured = true;
		else if (str_eq(c->name, "boot"))
			c->weight.packed = (double)c->weight.size;
		else if (size > 0)
			c->weight.packed = packed * (double)c->weight.size / size;
	}
}
