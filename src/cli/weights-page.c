/* SPDX-License-Identifier: Apache-2.0 */
/* Weights as a page: weights/size.html, with the data that its script draws. */
#include <string.h>

#include "base/mem.h"
#include "cli/weights-show.h"
#include "data/json.h"

/* Made from weights/ by tools/embed. */
extern const char size_text[];

enum { DATA_MAX = 64 << 20, SHARES = 3000, DEPTH_MAX = 24, ROWS = 100 };
#define PLACE "@DATA@"

/* [name, size, packed, before, children], of files without children. */
static void add_numbers(struct json_writer *w, const char *name, const struct weight *weight)
{
	json_string(w, name);
	json_u64(w, weight->size);
	json_u64(w, (uint64_t)weight->packed);
	json_u64(w, weight->before);
}

static void add_to(struct weight *to, const struct weight *from)
{
	to->files += from->files;
	to->size += from->size;
	to->packed += from->packed;
	to->before += from->before;
}

/* What is too small to be seen is one thing. Children are sorted, the largest first. */
static void add_node(
	struct json_writer *w, const struct weights_node *n, uint64_t smallest, unsigned depth)
{
	struct weight rest = {0};

	json_open_array(w);
	add_numbers(w, n->name, &n->weight);
	if (n->is_dir && depth < DEPTH_MAX) {
		json_open_array(w);
		for (size_t i = 0; i < n->n; i++)
			if (n->children[i]->weight.size >= smallest)
				add_node(w, n->children[i], smallest, depth + 1);
			else
				add_to(&rest, &n->children[i]->weight);
		if (rest.size) {
			CLEANUP(free)
			char *name = str_printf("%llu small files", (unsigned long long)rest.files);

			json_open_array(w);
			add_numbers(w, name, &rest);
			json_close_array(w);
		}
		json_close_array(w);
	}
	json_close_array(w);
}

static void add_components(struct json_writer *w, const struct weights *all)
{
	json_key(w, "components");
	json_open_array(w);
	for (size_t i = 0; i < all->n_order && i < ROWS; i++) {
		const struct weights_component *c = &all->components[all->order[i]];

		json_open_array(w);
		add_numbers(w, c->name, &c->weight);
		json_string(w, c->image ? c->image : "");
		json_bool(w, c->is_measured);
		json_string(w, c->prefix);
		json_close_array(w);
	}
	json_close_array(w);
}

static void add_packages(struct json_writer *w, const struct weights *all)
{
	json_key(w, "packages");
	json_open_array(w);
	for (size_t i = 0; i < all->n_packages && i < ROWS; i++) {
		const struct weights_package *p = &all->packages[all->package_order[i]];

		json_open_array(w);
		add_numbers(w, str_eq(p->kind, "none") ? "" : p->name, &p->weight);
		json_string(w, p->version);
		json_string(w, p->image ? p->image : "");
		json_close_array(w);
	}
	json_close_array(w);
}

static void add_paths(struct json_writer *w, const struct weights_shown *s, bool dirs)
{
	size_t n;
	CLEANUP(free)
	const struct weights_node **nodes = weights_largest(s->weights, dirs, s->depth, ROWS, &n);

	json_key(w, dirs ? "directories" : "files");
	json_open_array(w);
	for (size_t i = 0; i < n; i++) {
		CLEANUP(free) char *path = weights_path(nodes[i]);

		json_open_array(w);
		add_numbers(w, path, &nodes[i]->weight);
		json_close_array(w);
	}
	json_close_array(w);
}

static void add_data(struct buf *out, const struct weights_shown *s)
{
	struct json_writer w = JSON_WRITER_SHOWN(out);
	const struct weights *all = s->weights;
	char when[32];

	json_open_object(&w);
	json_key_string(&w, "what", s->what);
	json_key_string(&w, "since", all->since ? weights_time(all->since, when) : "");
	json_key_u64(&w, "count", all->root->weight.files);
	json_key(&w, "tree");
	add_node(&w, all->root, all->root->weight.size / SHARES + 1, 0);
	add_components(&w, all);
	add_packages(&w, all);
	add_paths(&w, s, true);
	add_paths(&w, s, false);
	json_close_object(&w);
}

/* In a script no name may end it. */
static void add_safe(struct buf *out, const char *text)
{
	for (; *text; text++)
		if (*text == '<' || *text == '>' || *text == '&')
			buf_printf(out, "\\u%04x", (unsigned)(unsigned char)*text);
		else
			buf_putc(out, *text);
}

void weights_add_page(struct buf *out, const struct weights_shown *s)
{
	CLEANUP(buf) struct buf data = BUF_INIT(DATA_MAX);
	const char *place = strstr(size_text, PLACE);

	add_data(&data, s);
	buf_add(out, size_text, (size_t)(place - size_text));
	add_safe(out, buf_str(&data));
	buf_puts(out, place + strlen(PLACE));
}
