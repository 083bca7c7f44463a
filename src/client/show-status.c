/* SPDX-License-Identifier: Apache-2.0 */
/* The answer to "status": what is known of one container, on a screen of 80 x 24. */
#include <inttypes.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "client/show.h"
#include "data/printable.h"
#include "data/terminal.h"
#include "options/wrap.h"

enum { LABEL_WIDTH = 11, TEXT_MAX = 4096, OUTPUT_INDENT = 2, CPU_PERIOD_US = 100000 };

static bool number(const struct node *map, const char *key, uint64_t *ret)
{
	const struct node *n = node_get(map, key);

	return n && node_to_u64(n, ret);
}

static const char *text(const struct node *map, const char *key)
{
	const char *s = node_get_text(map, key);

	return s ? s : "-";
}

/* Add "since KEY's time" in words. */
static void put_time(struct buf *out, const char *before, uint64_t ms, const char *behind)
{
	char time[16];

	client_show_time(time, ms);
	buf_printf(out, "%s%s%s", before, time, behind);
}

/* A row: what it is about, and the text, which goes on below itself. */
static void put_row(struct buf *out, const char *label, const char *what)
{
	CLEANUP(buf) struct buf shown = BUF_INIT(4 * TEXT_MAX);

	printable_add(&shown, what, strlen(what), "");
	buf_printf(out, "  %s", label);
	wrap_add(out, shown.len ? buf_str(&shown) : "-", LABEL_WIDTH + 2);
}

static void put_state(struct buf *out, const struct node *s)
{
	CLEANUP(buf) struct buf what = BUF_INIT(TEXT_MAX);
	uint64_t n;

	buf_puts(&what, text(s, "state"));
	if (number(s, "ms", &n) && n)
		put_time(&what, " for ", n, "");
	if (node_get(s, "since"))
		buf_printf(&what, ", since %s", text(s, "since"));
	put_row(out, "state", buf_str(&what));
	if (node_get(s, "reason"))
		put_row(out, "why", text(s, "reason"));
}

/* How it ended the last time, unless that is the reason of its state. */
static void put_end(struct buf *out, const struct node *s)
{
	CLEANUP(buf) struct buf what = BUF_INIT(TEXT_MAX);
	const char *end = node_get_text(s, "end"), *reason = node_get_text(s, "reason");
	uint64_t n;

	if (!end || !number(s, "ended-ms", &n))
		return;
	put_time(&what, "", n, " ago");
	if (!reason || !str_eq(reason, end))
		buf_printf(&what, ": %s", end);
	if (number(s, "exit", &n))
		buf_printf(&what, " (exit code %" PRIu64 ")", n);
	if (number(s, "signal", &n))
		buf_printf(&what, " (signal %" PRIu64 ")", n);
	put_row(out, "last end", buf_str(&what));
}

static void put_restarts(struct buf *out, const struct node *s)
{
	CLEANUP(buf) struct buf what = BUF_INIT(TEXT_MAX);
	uint64_t n = 0, next;

	number(s, "restarts", &n);
	buf_printf(&what, "%" PRIu64, n);
	if (number(s, "next-ms", &next))
		put_time(&what, ", the next in ", next, "");
	if (n || node_get(s, "next-ms"))
		put_row(out, "restarts", buf_str(&what));
}

static void put_health(struct buf *out, const struct node *s)
{
	CLEANUP(buf) struct buf what = BUF_INIT(TEXT_MAX);
	const struct node *h = node_get(s, "health");
	uint64_t n;

	if (!h)
		return;
	if (node_get(h, "answer"))
		buf_printf(&what, "%s", text(h, "answer"));
	else
		buf_puts(&what, "no answer yet");
	if (number(h, "ms", &n))
		put_time(&what, ", ", n, " ago");
	if (number(h, "failures", &n) && n)
		buf_printf(&what, ", %" PRIu64 " failure%s in a row", n, n > 1 ? "s" : "");
	buf_printf(&what, " (%s)", text(h, "check"));
	put_row(out, "health", buf_str(&what));
}

static void put_waits(struct buf *out, const struct node *s)
{
	CLEANUP(buf) struct buf what = BUF_INIT(TEXT_MAX);
	const struct node *list = node_get(s, "after");

	for (size_t i = 0; list && i < list->n; i++)
		buf_printf(&what, "%s%s (%s)", i ? ", " : "", text(list->items[i], "name"),
			text(list->items[i], "state"));
	if (list)
		put_row(out, "after", buf_str(&what));
}

static void put_bytes(struct buf *out, const struct node *s, const char *key, const char *before)
{
	char size[16];
	uint64_t n;

	if (number(s, key, &n))
		buf_printf(out, "%s%s%s", out->len ? ", " : "", before, str_size(size, n));
}

static void put_memory(struct buf *out, const struct node *s)
{
	CLEANUP(buf) struct buf what = BUF_INIT(TEXT_MAX);
	uint64_t n;

	put_bytes(&what, s, "memory", "");
	put_bytes(&what, s, "memory-peak", "at most ");
	put_bytes(&what, s, "memory-limit", "limit ");
	if (number(s, "oom-kills", &n))
		buf_printf(&what, "%sout of memory %" PRIu64 " time%s", what.len ? ", " : "", n,
			n > 1 ? "s" : "");
	if (what.len)
		put_row(out, "memory", buf_str(&what));
}

static void put_processes(struct buf *out, const struct node *s)
{
	CLEANUP(buf) struct buf what = BUF_INIT(TEXT_MAX);
	uint64_t n, period = CPU_PERIOD_US;

	if (number(s, "pid", &n))
		buf_printf(&what, "process %" PRIu64, n);
	if (number(s, "processes", &n))
		buf_printf(&what, "%s%" PRIu64 " in all", what.len ? ", " : "", n);
	if (number(s, "processes-limit", &n))
		buf_printf(&what, "%slimit %" PRIu64, what.len ? ", " : "", n);
	if (what.len)
		put_row(out, "runs", buf_str(&what));
	buf_truncate(&what, 0);
	if (number(s, "cpu-us", &n))
		buf_printf(&what, "%" PRIu64 ".%" PRIu64 " s used", n / 1000000, n / 100000 % 10);
	number(s, "cpu-period", &period);
	if (number(s, "cpu-quota", &n) && period)
		buf_printf(&what, "%slimit %" PRIu64 "%% of one", what.len ? ", " : "",
			n * 100 / period);
	if (number(s, "cpu-shares", &n))
		buf_printf(&what, "%sshares %" PRIu64, what.len ? ", " : "", n);
	if (node_get(s, "cpus"))
		buf_printf(&what, "%sprocessors %s", what.len ? ", " : "", text(s, "cpus"));
	if (what.len)
		put_row(out, "processor", buf_str(&what));
}

static void put_output(struct buf *out, const struct node *s, size_t width)
{
	const struct node *list = node_get(s, "output");

	if (!list || !list->n) {
		put_row(out, "output", "none");
		return;
	}
	buf_puts(out, "  last output:\n");
	for (size_t i = 0; i < list->n; i++) {
		CLEANUP(buf) struct buf shown = BUF_INIT(16 * TEXT_MAX);
		const char *line = text(list->items[i], "msg");

		printable_add(&shown, line, strlen(line), "\t");
		buf_fill(out, ' ', 2 * OUTPUT_INDENT);
		terminal_add(out, buf_str(&shown),
			width > 4 * OUTPUT_INDENT ? width - 2 * OUTPUT_INDENT : 2 * OUTPUT_INDENT,
			TERMINAL_CUT_END);
		buf_putc(out, '\n');
	}
}

void client_show_status(struct buf *out, const struct node *answer, size_t width)
{
	CLEANUP(buf) struct buf head = BUF_INIT(TEXT_MAX);
	const char *name = text(answer, "name");

	printable_add(&head, name, strlen(name), "");
	buf_printf(out, "%s (%s)\n", buf_str(&head), text(answer, "kind"));
	put_state(out, answer);
	put_end(out, answer);
	put_restarts(out, answer);
	put_health(out, answer);
	put_waits(out, answer);
	put_processes(out, answer);
	put_memory(out, answer);
	put_output(out, answer, width);
}
