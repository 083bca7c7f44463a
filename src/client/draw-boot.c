/* SPDX-License-Identifier: Apache-2.0 */
/* The answer to "boot" as a picture (SVG 1.1) that is as wide as the window that it is in. */
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "client/show.h"

/* All of these are pixels. A row has its words above its bar, so that it fits a phone's width. */
enum { ROW = 34, TOP = 96, BAR = 9, BOTTOM = 14, TICKS_MAX = 6 };
/* Parts of the width, in hundredths of a percent. */
enum { WHOLE = 10000, LEAST = 40, LAST_TICK = 9000 };
enum { NAME_SHOWN = 26 /* bytes */, MS_MAX = 1000000000 };

static const struct {
	const char *kind, *colour;
} kinds[] = {{"firmware", "#7a7a7a"}, {"kernel", "#8a5fb5"}, {"init", "#d98e4a"},
	{"onboot", "#4f9d69"}, {"service", "#3b7dc4"}};

struct span {
	const char *name, *kind;
	uint64_t begin, end; /* ms */
	bool over;           /* it was ready, or is done */
};

/* The guest's word for it. */
static uint64_t time_of(const struct node *span, const char *key)
{
	const struct node *n = node_get(span, key);
	uint64_t ms = 0;

	return !n || !node_to_u64(n, &ms) ? 0 : ms < MS_MAX ? ms : MS_MAX;
}

static struct span read_span(const struct node *n, uint64_t firmware_ms)
{
	const char *name = node_get_text(n, "name"), *kind = node_get_text(n, "kind");
	uint64_t begin = time_of(n, "begin"), ready = time_of(n, "ready"), end = time_of(n, "end");
	struct span s = {name ? name : "-", kind ? kind : "-", .over = ready || end};

	/* A service is up once it is ready. */
	end = ready && (!end || str_eq(s.kind, "service")) ? ready : end;
	s.begin = firmware_ms + begin;
	s.end = firmware_ms + (end > begin ? end : begin);
	return s;
}

static const char *colour_of(const char *kind)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (str_eq(kind, kinds[i].kind))
			return kinds[i].colour;
	return kinds[ARRAY_SIZE(kinds) - 2].colour;
}

/* What XML (1.0, 2.2) can't have, such as other control characters, becomes a question mark. */
static void put_escaped(struct buf *out, const char *s, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (s[i] == '<' || s[i] == '&')
			buf_puts(out, s[i] == '<' ? "&lt;" : "&amp;");
		else
			buf_putc(out, (unsigned char)s[i] < ' ' ? '?' : s[i]);
}

static void put_name(struct buf *out, const char *name)
{
	size_t size = strlen(name), shown = size;

	if (size > NAME_SHOWN)
		/* Whole characters of UTF-8. */
		for (shown = NAME_SHOWN - 3; shown && ((unsigned char)name[shown] & 0xc0) == 0x80;)
			shown--;
	put_escaped(out, name, shown);
	if (shown < size)
		buf_puts(out, "...");
}

static uint64_t part_of(uint64_t ms, uint64_t last)
{
	return ms * WHOLE / last;
}

static void put_part(struct buf *out, const char *attribute, uint64_t part)
{
	buf_printf(out, " %s=\"%u.%02u%%\"", attribute, (unsigned)(part / 100),
		(unsigned)(part % 100));
}

static void put_seconds(struct buf *out, uint64_t ms)
{
	buf_printf(out, "%llu.%02u s", (unsigned long long)(ms / 1000), (unsigned)(ms % 1000 / 10));
}

static void put_span(struct buf *out, const struct span *s, size_t row, uint64_t last)
{
	uint64_t from = part_of(s->begin, last), wide = part_of(s->end - s->begin, last);
	size_t y = TOP + row * ROW;

	wide = wide > LEAST ? wide : LEAST;
	from = from + wide > WHOLE ? WHOLE - wide : from;
	buf_printf(out, "<g><title>");
	put_escaped(out, s->name, strlen(s->name));
	buf_printf(out, "</title><text y=\"%zu\">", y + 14);
	put_name(out, s->name);
	buf_printf(out, "</text><text x=\"100%%\" y=\"%zu\" class=\"r\">", y + 14);
	put_seconds(out, s->begin);
	buf_puts(out, s->over ? " + " : ", not ready");
	if (s->over)
		put_seconds(out, s->end - s->begin);
	buf_puts(out, "</text><rect");
	put_part(out, "x", from);
	put_part(out, "width", wide);
	buf_printf(out, " y=\"%zu\" height=\"%d\" fill=\"%s\"/></g>\n", y + 19, BAR,
		colour_of(s->kind));
}

/* 1, 2 or 5 times a power of ten. */
static uint64_t tick_of(uint64_t last)
{
	static const unsigned factors[] = {1, 2, 5};

	for (uint64_t ten = 1;; ten *= 10)
		for (size_t i = 0; i < ARRAY_SIZE(factors); i++)
			if (last / (ten * factors[i]) < TICKS_MAX)
				return ten * factors[i];
}

static void put_scale(struct buf *out, uint64_t last, size_t height)
{
	uint64_t tick = tick_of(last);

	for (uint64_t ms = 0; part_of(ms, last) <= LAST_TICK; ms += tick) {
		buf_puts(out, "<line");
		put_part(out, "x1", part_of(ms, last));
		put_part(out, "x2", part_of(ms, last));
		buf_printf(out, " y1=\"%d\" y2=\"%zu\"/><text", TOP - 18, height - BOTTOM);
		put_part(out, "x", part_of(ms, last));
		buf_printf(out, " y=\"%d\" class=\"s\">", TOP - 22);
		put_seconds(out, ms);
		buf_puts(out, "</text>\n");
	}
}

static void put_legend(struct buf *out)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		buf_printf(out,
			"<rect x=\"%zu%%\" y=\"42\" width=\"9\" height=\"9\" fill=\"%s\"/>"
			"<text x=\"%zu%%\" dx=\"13\" y=\"51\" class=\"s\">%s</text>\n",
			i * 20, kinds[i].colour, i * 20, kinds[i].kind);
}

void client_draw_boot(struct buf *out, const struct node *answer, uint64_t firmware_ms)
{
	const struct node *list = node_get(answer, "boot");
	size_t n = list && list->kind == NODE_LIST ? list->n : 0, rows = n + (firmware_ms > 0);
	size_t height = TOP + rows * ROW + BOTTOM;
	struct span firmware = {"firmware", "firmware", .over = true};
	uint64_t last = 1;

	firmware.end = firmware_ms < MS_MAX ? firmware_ms : MS_MAX;
	for (size_t i = 0; i < n; i++) {
		struct span s = read_span(list->items[i], firmware.end);

		last = s.end > last ? s.end : last;
	}
	buf_printf(out,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"100%%\" height=\"%zu\">\n"
		"<style>text{font:13px sans-serif;fill:#222}.r{text-anchor:end;fill:#555}"
		".s{font-size:11px;fill:#555}.h{font-size:17px}line{stroke:#ddd}</style>\n"
		"<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n"
		"<svg x=\"4%%\" width=\"92%%\" height=\"%zu\">\n<text y=\"28\" class=\"h\">Boot: ",
		height, height);
	put_seconds(out, last);
	buf_puts(out, "</text>\n");
	put_legend(out);
	put_scale(out, last, height);
	if (firmware_ms)
		put_span(out, &firmware, 0, last);
	for (size_t i = 0; i < n; i++) {
		struct span s = read_span(list->items[i], firmware.end);

		put_span(out, &s, i + (firmware_ms > 0), last);
	}
	buf_puts(out, "</svg>\n</svg>\n");
}
