/* SPDX-License-Identifier: Apache-2.0 */
/* Weights as an object. */
#include "base/mem.h"
#include "cli/weights-show.h"
#include "data/json.h"

static void add_weight(
	struct json_writer *w, const struct weights *all, const struct weight *weight)
{
	json_key_u64(w, "size", weight->size);
	if (weight->packed > 0)
		json_key_u64(w, "packed", (uint64_t)weight->packed);
	if (all->since)
		json_key_i64(w, "change", (int64_t)(weight->size - weight->before));
}

static void add_components(struct json_writer *w, const struct weights *all)
{
	json_key(w, "components");
	json_open_array(w);
	for (size_t i = 0; i < all->n_order; i++) {
		const struct weights_component *c = &all->components[all->order[i]];

		json_open_object(w);
		json_key_string(w, "name", c->name);
		json_key_string_opt(w, "image", c->image);
		json_key_u64(w, "files", c->weight.files);
		add_weight(w, all, &c->weight);
		json_key_bool(w, "measured", c->is_measured);
		json_close_object(w);
	}
	json_close_array(w);
}

static void add_packages(struct json_writer *w, const struct weights *all)
{
	json_key(w, "packages");
	json_open_array(w);
	for (size_t i = 0; i < all->n_packages; i++) {
		const struct weights_package *p = &all->packages[all->package_order[i]];
		bool is_rest = str_eq(p->kind, "none");

		json_open_object(w);
		json_key_string_opt(w, "name", is_rest ? NULL : p->name);
		json_key_string_opt(w, "version", p->version);
		json_key_string_opt(w, "kind", is_rest ? NULL : p->kind);
		json_key_string_opt(w, "image", p->image);
		json_key_u64(w, "files", p->weight.files);
		json_key_u64(w, "size", p->weight.size);
		if (p->weight.packed > 0)
			json_key_u64(w, "packed", (uint64_t)p->weight.packed);
		json_close_object(w);
	}
	json_close_array(w);
}

static void add_paths(struct json_writer *w, const struct weights_shown *s, bool dirs)
{
	size_t n;
	CLEANUP(free)
	const struct weights_node **nodes =
		weights_largest(s->weights, dirs, s->depth, s->limit, &n);

	json_key(w, dirs ? "directories" : "files");
	json_open_array(w);
	for (size_t i = 0; i < n; i++) {
		CLEANUP(free) char *path = weights_path(nodes[i]);

		json_open_object(w);
		json_key_string(w, "path", path);
		add_weight(w, s->weights, &nodes[i]->weight);
		json_close_object(w);
	}
	json_close_array(w);
}

void weights_add_json(struct buf *out, const struct weights_shown *s)
{
	struct json_writer w = JSON_WRITER_SHOWN(out);
	const struct weights *all = s->weights;

	json_open_object(&w);
	json_key_string(&w, "what", s->what);
	if (all->since)
		json_key_i64(&w, "since", all->since);
	add_weight(&w, all, &all->root->weight);
	add_components(&w, all);
	add_packages(&w, all);
	add_paths(&w, s, true);
	add_paths(&w, s, false);
	json_close_object(&w);
	buf_putc(out, '\n');
}
