/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/bar.h"

#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "cli/print.h"
#include "data/terminal.h"

enum {
	TEXT_MAX = 64 << 10,
	WIDTH_MAX = 110,   /* beyond that the eye loses the line */
	NAME_COLUMNS = 40, /* of the name, where there is room for a bar */
	NAME_LEAST = 12,   /* what the sizes leave of a long name */
	BAR_LEAST = 10,
	SIZES_COLUMNS = 22, /* "1023.9 MiB of 1.2 GiB" */
	SPEED_COLUMNS = 26, /* ", 102.3 MiB/s, 10 min left" */
	SECONDS_SHOWN = 5,  /* a step without a size shows its time from then on */
	HASH_LEAST = 16,
};
enum fill { NO_FILL, FILL };

/* "3 s", "4 min", "2 h": for people who wait. */
static void add_time(struct buf *out, uint64_t seconds)
{
	if (seconds < 120)
		buf_printf(out, "%u s", (unsigned)seconds);
	else if (seconds < 2 * 60 * 60)
		buf_printf(out, "%u min", (unsigned)(seconds / 60));
	else
		buf_printf(out, "%llu h", (unsigned long long)(seconds / 3600));
}

static void add_sizes(struct buf *out, const struct bar *b)
{
	char done[16], total[16];

	if (b->total)
		buf_printf(out, "%s of %s", str_size(done, b->done), str_size(total, b->total));
	else if (b->done)
		buf_puts(out, str_size(done, b->done));
	else if (b->seconds >= SECONDS_SHOWN)
		add_time(out, b->seconds);
}

/* How fast, and how long still. */
static void add_speed(struct buf *out, const struct bar *b)
{
	char rate[16];

	if (!b->rate || !b->total)
		return;
	buf_printf(out, ", %s/s", str_size(rate, b->rate));
	if (b->done >= b->total)
		return;
	buf_puts(out, ", ");
	add_time(out, (b->total - b->done) / b->rate + 1);
	buf_puts(out, " left");
}

static void add_bar(struct buf *out, const struct bar *b, size_t room)
{
	uint64_t part = b->done < b->total ? b->done : b->total;
	size_t full = (size_t)((double)part / (double)b->total * (double)(room - 2));

	buf_putc(out, '[');
	buf_fill(out, '=', full);
	buf_fill(out, ' ', room - 2 - full);
	buf_putc(out, ']');
}

/* Is its tag a hash, as a component image's is? Then its beginning says more than its end. */
static bool ends_in_hash(const char *name)
{
	const char *tag = strrchr(name, ':');

	return tag && strspn(tag + 1, "0123456789abcdef") >= HASH_LEAST;
}

/* "pull nginx:1.27", "blob 4f4fb700ef54 of nginx:1.27", cut to the width or filled up to it. */
static void add_name(struct buf *out, const struct bar *b, size_t width, enum fill fill)
{
	bool of = b->detail && b->total;
	CLEANUP(free) char *what = of ? str_printf("%s %s of", b->what, b->name) : str_dup(b->what);
	CLEANUP(buf) struct buf name = BUF_INIT(TEXT_MAX);
	size_t before = terminal_columns(what) + 1, n;

	print_add_printable(&name, of ? b->detail : b->name);
	n = before + terminal_columns(buf_str(&name));
	if (n > width && before + NAME_LEAST / 2 > width) {
		terminal_add(out, what, width, TERMINAL_CUT_END);
		n = before - 1;
	} else {
		buf_printf(out, "%s ", what);
		terminal_add(out, buf_str(&name), width - before,
			ends_in_hash(buf_str(&name)) ? TERMINAL_CUT_END : TERMINAL_CUT_BEGINNING);
	}
	if (fill == FILL && n < width)
		buf_fill(out, ' ', width - n);
}

static size_t name_columns(const struct bar *b)
{
	CLEANUP(buf) struct buf name = BUF_INIT(TEXT_MAX);

	add_name(&name, b, TEXT_MAX, NO_FILL);
	return terminal_columns(buf_str(&name));
}

/* What the step does now, where there is room for it, instead of a size. */
static void add_doing(struct buf *out, const struct bar *b, size_t width)
{
	CLEANUP(buf) struct buf doing = BUF_INIT(TEXT_MAX);
	size_t name = name_columns(b), named = name < NAME_COLUMNS ? name : NAME_COLUMNS;

	if (named + 2 + NAME_LEAST > width)
		named = width > 2 * NAME_LEAST + 2 ? width - NAME_LEAST - 2 : width;
	add_name(out, b, named, NO_FILL);
	if (named + 2 >= width)
		return;
	print_add_printable(&doing, b->detail);
	buf_puts(out, "  ");
	terminal_add(out, buf_str(&doing), width - named - 2, TERMINAL_CUT_END);
}

void bar_add(struct buf *out, const struct bar *b, size_t width)
{
	CLEANUP(buf) struct buf sizes = BUF_INIT(TEXT_MAX);
	CLEANUP(buf) struct buf speed = BUF_INIT(TEXT_MAX);
	size_t name = name_columns(b), least = name < NAME_LEAST ? name : NAME_LEAST;
	size_t rest = 1 + SIZES_COLUMNS + (b->rate ? SPEED_COLUMNS : 0);

	if (width > WIDTH_MAX)
		width = WIDTH_MAX;
	add_sizes(&sizes, b);
	add_speed(&speed, b);
	if (b->detail && !b->total) {
		add_doing(out, b, width);
	} else if (b->total && NAME_COLUMNS + 1 + BAR_LEAST + rest <= width) {
		add_name(out, b, NAME_COLUMNS, FILL);
		buf_putc(out, ' ');
		add_bar(out, b, width - NAME_COLUMNS - 1 - rest);
		buf_printf(out, " %s%s", buf_str(&sizes), buf_str(&speed));
	} else {
		if (least + 1 + sizes.len + speed.len > width)
			buf_truncate(&speed, 0);
		if (least + 1 + sizes.len > width)
			buf_truncate(&sizes, 0);
		rest = sizes.len ? 1 + sizes.len + speed.len : 0;
		add_name(out, b, width - rest, rest ? FILL : NO_FILL);
		if (rest)
			buf_printf(out, " %s%s", buf_str(&sizes), buf_str(&speed));
	}
}
