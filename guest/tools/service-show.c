/* SPDX-License-Identifier: Apache-2.0 */
/* What `service` shows of the supervisor's answers: tables and drawings. */
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "data/printable.h"
#include "tools/service.h"

enum { BAR = 40, SVG_WIDTH = 900, SVG_LEFT = 160, SVG_ROW = 18 };

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

void service_show_time(char dst[static 16], uint64_t ms)
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

void service_show_list(struct buf *out, const struct node *answer, const struct node *before)
{
	const struct node *list = node_get(answer, "containers");
	uint64_t ms = number(answer, "uptime-ms") - (before ? number(before, "uptime-ms") : 0);

	buf_printf(out, "%-20s %-10s %-10s %7s %9s %8s %9s %6s\n", "NAME", "KIND", "STATE", "PID",
		"SINCE", "RESTARTS", "MEMORY", "CPU");
	for (size_t i = 0; list && i < list->n; i++) {
		const struct node *c = list->items[i];
		const struct node *earlier =
			before ? same(node_get(before, "containers"), c) : NULL;
		uint64_t cpu = share(c, earlier, before ? ms : number(c, "ms"));
		bool active = node_get(c, "memory") != NULL;
		char since[16] = "-", memory[16] = "-", percent[16] = "-";

		if (number(c, "ms"))
			service_show_time(since, number(c, "ms"));
		if (active) {
			str_size(memory, number(c, "memory"));
			str_format(percent, sizeof(percent), "%" PRIu64 ".%" PRIu64 "%%", cpu / 10,
				cpu % 10);
		}
		buf_printf(out, "%-20s %-10s %-10s %7s %9s %8" PRIu64 " %9s %6s\n", text(c, "name"),
			text(c, "kind"), text(c, "state"), text(c, "pid"), since,
			number(c, "restarts"), memory, percent);
	}
}

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

void service_show_boot(struct buf *out, const struct node *answer)
{
	const struct node *list = node_get(answer, "boot");
	uint64_t last = last_end(list);

	buf_printf(out, "%-20s %-10s %8s %8s\n", "NAME", "KIND", "BEGIN", "TOOK");
	for (size_t i = 0; list && i < list->n; i++) {
		const struct node *span = list->items[i];
		uint64_t begin = number(span, "begin"), end = end_of(span);
		size_t from = (size_t)(begin * BAR / last), to = (size_t)(end * BAR / last);

		buf_printf(out, "%-20s %-10s %6" PRIu64 "ms %6" PRIu64 "ms ", text(span, "name"),
			text(span, "kind"), begin, end - begin);
		buf_fill(out, ' ', from);
		buf_fill(out, '#', to > from ? to - from : 1);
		buf_putc(out, '\n');
	}
}

static void put_escaped(struct buf *out, const char *s)
{
	for (; *s; s++)
		if (*s == '<' || *s == '&')
			buf_puts(out, *s == '<' ? "&lt;" : "&amp;");
		else
			buf_putc(out, *s);
}

void service_show_boot_svg(struct buf *out, const struct node *answer)
{
	const struct node *list = node_get(answer, "boot");
	uint64_t last = last_end(list), width = SVG_WIDTH - SVG_LEFT - 80;
	size_t n = list ? list->n : 0;

	buf_printf(out,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%zu\" "
		"font-family=\"sans-serif\" font-size=\"12\">\n",
		SVG_WIDTH, n * SVG_ROW + 10);
	for (size_t i = 0; i < n; i++) {
		const struct node *span = list->items[i];
		uint64_t begin = number(span, "begin"), end = end_of(span),
			 x = SVG_LEFT + begin * width / last;
		uint64_t w = (end - begin) * width / last;
		const char *colour = str_eq(text(span, "kind"), "service") ? "#4a90d9" : "#d98e4a";

		buf_printf(out, "<text x=\"5\" y=\"%zu\">", i * SVG_ROW + 17);
		put_escaped(out, text(span, "name"));
		buf_printf(out,
			"</text><rect x=\"%" PRIu64 "\" y=\"%zu\" width=\"%" PRIu64
			"\" height=\"12\" fill=\"%s\"/>",
			x, i * SVG_ROW + 7, w ? w : 1, colour);
		buf_printf(out, "<text x=\"%" PRIu64 "\" y=\"%zu\">%" PRIu64 " ms</text>\n",
			x + w + 4, i * SVG_ROW + 17, end - begin);
	}
	buf_puts(out, "</svg>\n");
}

void service_print(FILE *f, const char *what)
{
	CLEANUP(buf) struct buf shown = BUF_INIT(4 * SERVICE_SHOWN_MAX);

	if (isatty(fileno(f))) {
		printable_add(&shown, what, strlen(what), "\n\t");
		what = buf_str(&shown);
	}
	fputs(what, f);
}

void service_print_line(const struct node *line, bool with_name)
{
	const char *time = node_get_text(line, "time"), *msg = node_get_text(line, "msg");
	const char *source = with_name ? node_get_text(line, "source") : NULL;
	CLEANUP(free)
	char *all = str_printf("%s %s%s%s\n", time ? time : "", source ? source : "",
		with_name ? ": " : "", msg ? msg : "");

	service_print(stdout, all);
}
