/* SPDX-License-Identifier: Apache-2.0 */
#include "client/show.h"

#include <inttypes.h>
#include <string.h>

#include "base/attr.h"
#include "base/mem.h"
#include "base/str.h"
#include "data/printable.h"
#include "data/table.h"

enum { BAR_MIN = 10, BAR_MAX = 40, NAME_WIDTH_MAX = 20, CELL_MAX = 16 << 10 };

static uint64_t number(const struct node *map, const char *key)
{
	const struct node *n = node_get(map, key);
	uint64_t value;

	return n && node_to_u64(n, &value) ? value : 0;
}

static const char *text(const struct node *map, const char *key)
{
	const char *s = node_get_text(map, key);

	return s ? s : "-";
}

void client_show_time(char dst[static 16], uint64_t ms)
{
	static const struct {
		uint64_t below, unit;
		const char *name;
	} scales[] = {
		{120, 1, "s"}, {7200, 60, "min"}, {48 * 3600, 3600, "h"}, {UINT64_MAX, 86400, "d"}};
	uint64_t s = ms / 1000;

	if (ms < 10000) {
		str_format(dst, 16, "%" PRIu64 ".%" PRIu64 " s", s, ms % 1000 / 100);
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(scales); i++)
		if (s < scales[i].below) {
			str_format(dst, 16, "%" PRIu64 " %s", s / scales[i].unit, scales[i].name);
			return;
		}
}

static const struct node *same(const struct node *list, const struct node *c)
{
	for (size_t i = 0; list && i < list->n; i++)
		if (str_eq(text(list->items[i], "name"), text(c, "name")) &&
			str_eq(text(list->items[i], "kind"), text(c, "kind")))
			return list->items[i];
	return NULL;
}

/*
 * Share of one processor since the earlier answer, or since the container began when there is none,
 * in tenths of a percent.
 */
static uint64_t share(const struct node *c, const struct node *earlier, uint64_t ms)
{
	uint64_t now = number(c, "cpu-us"), then = earlier ? number(earlier, "cpu-us") : 0;

	return ms && now > then ? (now - then) / ms : 0;
}

/* ---- tables ---- */

/* A text as a cell: a container's name, or what it wrote, must not make lines of its own. */
static void add_cell(struct table *t, const char *what)
{
	CLEANUP(buf) struct buf shown = BUF_INIT(CELL_MAX);

	printable_add(&shown, what, strlen(what), "");
	strv_take(&t->cells, buf_steal(&shown));
}

static void add_common(struct table *t, const struct node *c)
{
	char since[16] = "-";

	if (number(c, "ms"))
		client_show_time(since, number(c, "ms"));
	add_cell(t, text(c, "name"));
	add_cell(t, text(c, "kind"));
	add_cell(t, text(c, "state"));
	add_cell(t, text(c, "pid"));
	add_cell(t, since);
}

static void add_memory(struct table *t, const struct node *c)
{
	char memory[16] = "-";

	add_cell(t, node_get(c, "memory") ? str_size(memory, number(c, "memory")) : memory);
}

static void add_reason(struct table *t, const struct node *c)
{
	CLEANUP(buf) struct buf out = BUF_INIT(CELL_MAX);
	const char *reason = node_get_text(c, "reason");
	/* What follows the first part, hints and so on, is for "status". */
	const char *more = reason ? strstr(reason, "; ") : NULL;
	uint64_t n = number(c, "restarts");

	if (reason)
		buf_add(&out, reason, more ? (size_t)(more - reason) : strlen(reason));
	if (n)
		buf_printf(
			&out, "%s%" PRIu64 " restart%s", reason ? "; " : "", n, n > 1 ? "s" : "");
	add_cell(t, buf_str(&out));
}

void client_show_list(struct buf *out, const struct node *answer, size_t width)
{
	static const struct table_column columns[] = {{.title = "NAME"}, {.title = "KIND"},
		{.title = "STATE"}, {.title = "PID", .right = true},
		{.title = "SINCE", .right = true}, {.title = "MEMORY", .right = true},
		{.title = "WHY", .wrap = true}};
	CLEANUP(table) struct table t = {.columns = columns, .n = ARRAY_SIZE(columns)};
	const struct node *list = node_get(answer, "containers");

	for (size_t i = 0; list && i < list->n; i++) {
		add_common(&t, list->items[i]);
		add_memory(&t, list->items[i]);
		add_reason(&t, list->items[i]);
	}
	table_write(out, &t, width);
}

void client_show_top(
	struct buf *out, const struct node *answer, const struct node *before, size_t width)
{
	static const struct table_column columns[] = {{.title = "NAME"}, {.title = "KIND"},
		{.title = "STATE"}, {.title = "PID", .right = true},
		{.title = "SINCE", .right = true}, {.title = "MEMORY", .right = true},
		{.title = "CPU", .right = true}, {.title = "TASKS", .right = true}};
	CLEANUP(table) struct table t = {.columns = columns, .n = ARRAY_SIZE(columns)};
	const struct node *list = node_get(answer, "containers");
	uint64_t ms = number(answer, "uptime-ms") - (before ? number(before, "uptime-ms") : 0);

	for (size_t i = 0; list && i < list->n; i++) {
		const struct node *c = list->items[i];
		const struct node *earlier =
			before ? same(node_get(before, "containers"), c) : NULL;
		uint64_t cpu = share(c, earlier, before ? ms : number(c, "ms"));
		char percent[32] = "-";

		if (node_get(c, "memory"))
			str_format(percent, sizeof(percent), "%" PRIu64 ".%" PRIu64 "%%", cpu / 10,
				cpu % 10);
		add_common(&t, c);
		add_memory(&t, c);
		add_cell(&t, percent);
		add_cell(&t, text(c, "processes"));
	}
	table_write(out, &t, width);
}

/* ---- the boot ---- */

/* When a step was done, or a service ready. */
static uint64_t end_of(const struct node *span)
{
	uint64_t ready = number(span, "ready"), end = number(span, "end");

	return end && !str_eq(text(span, "kind"), "service") ? end
	       : ready                                       ? ready
	       : end                                         ? end
							     : number(span, "begin");
}

static uint64_t last_end(const struct node *list)
{
	uint64_t last = 1;

	for (size_t i = 0; list && i < list->n; i++)
		if (end_of(list->items[i]) > last)
			last = end_of(list->items[i]);
	return last;
}

static size_t bar_of(uint64_t ms, uint64_t last, size_t bar)
{
	return (size_t)(ms * bar / last);
}

void client_show_boot(struct buf *out, const struct node *answer, size_t width)
{
	static const struct table_column columns[] = {{.title = "NAME"}, {.title = "KIND"},
		{.title = "BEGIN", .right = true}, {.title = "TOOK", .right = true}, {.title = ""}};
	CLEANUP(table) struct table t = {.columns = columns, .n = ARRAY_SIZE(columns)};
	const struct node *list = node_get(answer, "boot");
	uint64_t last = last_end(list);
	/* What the widest of the other columns leave. */
	size_t rest = NAME_WIDTH_MAX + strlen("onshutdown") + 2 * strlen("123456 ms") + 8;
	size_t bar = width > rest + BAR_MIN ? width - rest : BAR_MIN;

	bar = bar < BAR_MAX ? bar : BAR_MAX;
	for (size_t i = 0; list && i < list->n; i++) {
		const struct node *span = list->items[i];
		uint64_t begin = number(span, "begin"), end = end_of(span);
		size_t from = bar_of(begin, last, bar), to = bar_of(end, last, bar);
		CLEANUP(buf) struct buf drawn = BUF_INIT(CELL_MAX);

		add_cell(&t, text(span, "name"));
		add_cell(&t, text(span, "kind"));
		strv_addf(&t.cells, "%" PRIu64 " ms", begin);
		strv_addf(&t.cells, "%" PRIu64 " ms", end > begin ? end - begin : 0);
		buf_fill(&drawn, ' ', from);
		buf_fill(&drawn, '#', to > from ? to - from : 1);
		strv_add(&t.cells, buf_str(&drawn));
	}
	table_write(out, &t, width);
}

void client_show_boot_svg(struct buf *out, const struct node *answer, ATTR_UNUSED size_t unused)
{
	client_draw_boot(out, answer, 0);
}

void client_show_line(struct buf *out, const struct node *line, bool with_name)
{
	const char *time = node_get_text(line, "time"), *msg = node_get_text(line, "msg");
	const char *source = with_name ? node_get_text(line, "source") : NULL;

	buf_printf(out, "%s %s%s%s\n", time ? time : "", source ? source : "",
		with_name ? ": " : "", msg ? msg : "");
}
