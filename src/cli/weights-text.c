/* SPDX-License-Identifier: Apache-2.0 */
/* Weights as tables. */
#include <time.h>

#include "base/mem.h"
#include "base/utc.h"
#include "cli/print.h"
#include "data/table.h"
#include "cli/weights-show.h"

const char *weights_time(int64_t since, char ret[static 32])
{
	struct tm tm;

	if (!utc_from(since, &tm) || strftime(ret, 32, "%Y-%m-%d %H:%M UTC", &tm) == 0)
		str_copy(ret, 32, "?");
	return ret;
}

static void add_name(struct table *t, const char *text)
{
	CLEANUP(buf) struct buf shown = BUF_INIT(1 << 16);

	print_add_printable(&shown, text);
	strv_add(&t->cells, buf_str(&shown));
}

static void add_change(struct table *t, const struct weights *w, const struct weight *weight)
{
	bool more = weight->size >= weight->before;
	uint64_t change = more ? weight->size - weight->before : weight->before - weight->size;
	char size[16];

	if (!w->since)
		return;
	if (change)
		strv_addf(&t->cells, "%s%s", more ? "+" : "-", str_size(size, change));
	else
		strv_add(&t->cells, "");
}

/* Estimated shares begin with "~". */
static void add_sizes(
	struct table *t, const struct weights *w, const struct weight *weight, bool measured)
{
	char size[16];

	strv_add(&t->cells, str_size(size, weight->size));
	if (weight->packed > 0)
		strv_addf(&t->cells, "%s%s", measured ? "" : "~",
			str_size(size, (uint64_t)weight->packed));
	else
		strv_add(&t->cells, "-");
	add_change(t, w, weight);
}

static void end_table(struct buf *out, struct table *t, size_t left)
{
	buf_putc(out, '\n');
	table_write(out, t, 0);
	if (left)
		buf_printf(out, "and %zu more; --limit 0 shows all\n", left);
}

static size_t shown_of(const struct weights_shown *s, size_t n)
{
	return n < s->limit ? n : s->limit;
}

static void add_components(struct buf *out, const struct weights_shown *s)
{
	static const struct table_column columns[] = {{"SIZE", .right = true},
		{"PACKED", .right = true}, {"COMPONENT"}, {"IMAGE"}},
					 with_change[] = {{"SIZE", .right = true},
						 {"PACKED", .right = true},
						 {"CHANGE", .right = true}, {"COMPONENT"},
						 {"IMAGE"}};
	const struct weights *w = s->weights;
	CLEANUP(table)
	struct table t = {w->since ? with_change : columns, w->since ? 5 : 4, {0}};

	for (size_t i = 0; i < shown_of(s, w->n_order); i++) {
		const struct weights_component *c = &w->components[w->order[i]];

		add_sizes(&t, w, &c->weight, c->is_measured);
		add_name(&t, c->name);
		add_name(&t, c->image ? c->image : "");
	}
	end_table(out, &t, w->n_order - shown_of(s, w->n_order));
}

static void add_packages(struct buf *out, const struct weights_shown *s)
{
	static const struct table_column columns[] = {{"SIZE", .right = true},
		{"PACKED", .right = true}, {"PACKAGE"}, {"VERSION"}, {"KIND"}, {"IMAGE"}};
	const struct weights *w = s->weights;
	CLEANUP(table) struct table t = {columns, ARRAY_SIZE(columns), {0}};
	char size[16];

	for (size_t i = 0; i < shown_of(s, w->n_packages); i++) {
		const struct weights_package *p = &w->packages[w->package_order[i]];
		bool is_rest = str_eq(p->kind, "none");

		strv_add(&t.cells, str_size(size, p->weight.size));
		if (p->weight.packed > 0)
			strv_addf(&t.cells, "~%s", str_size(size, (uint64_t)p->weight.packed));
		else
			strv_add(&t.cells, "-");
		add_name(&t, is_rest ? "(of no package)" : p->name);
		add_name(&t, p->version);
		strv_add(&t.cells, is_rest ? "" : p->kind);
		add_name(&t, p->image ? p->image : "");
	}
	if (w->n_packages)
		end_table(out, &t, w->n_packages - shown_of(s, w->n_packages));
}

static void add_paths(struct buf *out, const struct weights_shown *s, bool dirs)
{
	const char *title = dirs ? "DIRECTORY" : "FILE";
	const struct weights *w = s->weights;
	const struct table_column columns[] = {{"SIZE", .right = true}, {"PACKED", .right = true},
		{title}},
				  with_change[] = {{"SIZE", .right = true},
					  {"PACKED", .right = true}, {"CHANGE", .right = true},
					  {title}};
	CLEANUP(table)
	struct table t = {w->since ? with_change : columns, w->since ? 4 : 3, {0}};
	size_t n, all;
	CLEANUP(free)
	const struct weights_node **nodes = weights_largest(w, dirs, s->depth, SIZE_MAX, &all);

	n = shown_of(s, all);
	for (size_t i = 0; i < n; i++) {
		CLEANUP(free) char *path = weights_path(nodes[i]);

		add_sizes(&t, w, &nodes[i]->weight, false);
		add_name(&t, path);
	}
	if (n)
		end_table(out, &t, all - n);
}

void weights_add_text(struct buf *out, const struct weights_shown *s)
{
	const struct weights *w = s->weights;
	const struct weight *all = &w->root->weight;
	char size[16], when[32];

	print_add_printable(out, s->what);
	buf_printf(out, ": %s in %llu files", str_size(size, all->size),
		(unsigned long long)all->files);
	if (all->packed > 0)
		buf_printf(out, ", %s packed", str_size(size, (uint64_t)all->packed));
	if (w->since) {
		bool more = all->size >= all->before;

		buf_printf(out, "; %s%s since the build of %s", more ? "+" : "-",
			str_size(size, more ? all->size - all->before : all->before - all->size),
			weights_time(w->since, when));
	}
	buf_putc(out, '\n');
	add_components(out, s);
	add_packages(out, s);
	add_paths(out, s, true);
	add_paths(out, s, false);
}
