/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/earlier.h"

#include <stdlib.h>

#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "tar/tar-index.h"
#include "data/json.h"
#include "oci/reference.h"

/* An entry of onboot, onshutdown or services. */
struct entry {
	const struct node *node;
	const char *section, *name, *image;
	size_t index;  /* in its section */
	size_t holder; /* the first entry of the same image, which has its files */
};
struct entries {
	struct entry *items;
	size_t n, cap;
};

struct earlier {
	const struct config *config; /* the new one */
	struct tar_index *tar;
	char *name;
	struct document *now, *then; /* the configurations, resolved */
	struct entries now_entries, then_entries;
	size_t common; /* entries at the beginning that mean the same ids */
};

void earlier_free(struct earlier *e)
{
	if (e->tar)
		tar_index_free(e->tar);
	if (e->now)
		document_free(e->now);
	if (e->then)
		document_free(e->then);
	free(e->now_entries.items);
	free(e->then_entries.items);
	free(e->name);
	free(e);
}

static bool equal(const struct node *a, const struct node *b)
{
	if (!a || !b)
		return a == b;
	if (a->kind != b->kind || a->n != b->n)
		return false;
	if (a->kind == NODE_SCALAR)
		return a->quoted == b->quoted && str_eq(a->text, b->text);
	for (size_t i = 0; i < a->n; i++)
		if (!equal(a->items[i],
			    a->kind == NODE_MAP ? node_get(b, a->keys[i]->text) : b->items[i]))
			return false;
	return true;
}

static bool same(const struct earlier *e, const char *section)
{
	return equal(node_get(e->now->root, section), node_get(e->then->root, section));
}

static const struct node *item(const struct document *d, const char *section, size_t index)
{
	const struct node *list = node_get(d->root, section);

	return list && list->kind == NODE_LIST && index < list->n ? list->items[index] : NULL;
}

/* ---- entries ---- */

static const char *text_of(const struct node *n, const char *key)
{
	const char *text = node_get_text(n, key);

	return text ? text : "";
}

static size_t holder_of(const struct entries *e, const char *image)
{
	size_t i = 0;

	while (i < e->n && !str_eq(e->items[i].image, image))
		i++;
	return i;
}

static void add_entries(struct entries *e, const struct document *d)
{
	static const char *const sections[] = {"onboot", "onshutdown", "services"};

	for (size_t s = 0; s < ARRAY_SIZE(sections); s++) {
		const struct node *n;

		for (size_t i = 0; (n = item(d, sections[s], i)); i++) {
			const char *image = text_of(n, "image");
			size_t holder = holder_of(e, image);

			mem_grow(&e->items, e->n, &e->cap, sizeof(*e->items));
			e->items[e->n++] = (struct entry){
				n, sections[s], text_of(n, "name"), image, i, holder};
		}
	}
}

static bool has_name(const struct entries *e, size_t from, const char *name)
{
	for (size_t i = from; i < e->n; i++)
		if (str_eq(e->items[i].name, name))
			return true;
	return false;
}

/* Ids are counted through all entries, and the last entry with a name gives the name its id. */
static size_t count_common(const struct entries *a, const struct entries *b)
{
	size_t n = 0;

	while (n < a->n && n < b->n && str_eq(a->items[n].name, b->items[n].name) &&
		str_eq(a->items[n].section, b->items[n].section))
		n++;
	for (size_t i = 0; i < n; i++)
		if (has_name(a, n, a->items[i].name) || has_name(b, n, a->items[i].name))
			return 0;
	return n;
}

/* ---- opening ---- */

static int resolve(
	const struct config *c, const char *name, struct document **ret, struct werr **err)
{
	const struct resolved_options options = {.json = true, .full_names = true};
	CLEANUP(buf) struct buf text = BUF_INIT(CONFIG_TEXT_MAX);
	int r = config_write(c, &options, &text, err);

	return r < 0 ? r : json_parse(name, buf_str(&text), text.len, ret, err);
}

/*
 * The configuration in the tar. It is compared after a trip through JSON, which writes equal
 * numbers and empty values equally.
 */
static int read_then(struct earlier *e, const char *path, struct werr **err)
{
	/* It is resolved, so nothing in it is a variable. */
	const struct config_options options = {.compat = true};
	CLEANUP(free) char *name = str_printf("%s:%s", e->name, path);
	CLEANUP(reader) struct reader *r = ranges_reader_new(&e->tar->wanted, 1, 0);
	CLEANUP(config) struct config *then = NULL;
	CLEANUP(free) char *text = NULL;
	struct config_text one = {.name = name};
	int res = reader_read_all(r, CONFIG_TEXT_MAX, &text, &one.size, err);

	if (res < 0)
		return res;
	one.text = text;
	res = config_load_texts(&one, 1, &options, &then, err);
	return res < 0 ? res : resolve(then, name, &e->then, err);
}

static const char *metadata_path(const struct config *c)
{
	const char *path = NULL;

	for (size_t i = 0; i < c->n_files; i++)
		if (c->files[i].kind == FILE_METADATA)
			path = c->files[i].path;
	return path;
}

static int open_tar(struct earlier *e, const char *path, struct werr **err)
{
	int fd, r = file_open(e->name, &fd, err);

	return r < 0 ? r : tar_index_read(fd, e->name, path, &e->tar, err);
}

int earlier_open(struct earlier **ret, const char *tar, const struct config *now, struct werr **err)
{
	CLEANUP(earlier) struct earlier *e = mem_new(struct earlier);
	const char *path = metadata_path(now);
	int r;

	*ret = NULL;
	if (!path) {
		log_warning(
			"%s is not used: it needs a file with 'metadata: yaml', which says what "
			"it was built from",
			tar);
		return 0;
	}
	e->config = now;
	e->name = str_dup(tar);
	r = open_tar(e, path, err);
	if (r == 0 && !e->tar->has_wanted) {
		log_warning("%s is not used: it has no %s", tar, path);
		return 0;
	}
	if (r == 0)
		r = read_then(e, path, err);
	if (r == 0)
		r = resolve(now, "the configuration", &e->now, err);
	if (r < 0)
		return r;
	add_entries(&e->now_entries, e->now);
	add_entries(&e->then_entries, e->then);
	e->common = count_common(&e->now_entries, &e->then_entries);
	*ret = STEAL(e);
	return 0;
}

/* ---- what can be taken ---- */

static bool has_image(const struct earlier *e, const char *image, const char *location)
{
	CLEANUP(free) char *name = reference_expand(image);

	return tar_index_has(e->tar, name, location);
}

static bool has_image_at(
	const struct earlier *e, const char *image, const char *section, size_t index)
{
	CLEANUP(free) char *location = str_printf("%s[%zu]", section, index);

	return has_image(e, image, location);
}

bool earlier_has_kernel(const struct earlier *e)
{
	return e && e->config->kernel.image && same(e, "kernel") &&
	       has_image(e, e->config->kernel.image, "kernel");
}

bool earlier_has_root(const struct earlier *e)
{
	if (!e || !same(e, "kernel") || !same(e, "init") || !same(e, "files"))
		return false;
	if (e->config->kernel.image && !earlier_has_kernel(e))
		return false;
	/* A file that was present then may have hidden an image's. */
	for (size_t i = 0; i < e->config->n_files; i++)
		if (e->config->files[i].optional)
			return false;
	for (size_t i = 0; i < e->config->init.n; i++)
		if (!has_image_at(e, e->config->init.images[i], "init", i))
			return false;
	return e->config->kernel.image || e->config->init.n > 0;
}

static bool is_unchanged(const struct earlier *e, size_t index)
{
	const struct entry *now = &e->now_entries.items[index];

	return index < e->common && equal(now->node, e->then_entries.items[index].node) &&
	       has_image_at(e, now->image, now->section, now->index);
}

bool earlier_has_container(const struct earlier *e, size_t index)
{
	size_t holder;

	if (!e || !is_unchanged(e, index))
		return false;
	holder = e->now_entries.items[index].holder;
	return holder == e->then_entries.items[index].holder && is_unchanged(e, holder);
}

bool earlier_has_volume(const struct earlier *e, size_t index)
{
	const struct config_volume *v = e ? &e->config->volumes[index] : NULL;

	return v && v->image &&
	       equal(item(e->now, "volumes", index), item(e->then, "volumes", index)) &&
	       has_image_at(e, v->image, "volume", v->index);
}

int earlier_put(const struct earlier *e, const char *source, const char *location, struct tree *to,
	struct werr **err)
{
	CLEANUP(reader) struct reader *entries = tar_index_open(e->tar, source, location);

	return entries ? tree_apply_layer(to, entries, e->name, err) : 0;
}
