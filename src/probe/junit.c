/* SPDX-License-Identifier: Apache-2.0 */
#include "probe/junit.h"

#include <string.h>

#include "base/mem.h"
#include "data/printable.h"

/* XML 1.0 knows no other control characters, whatever they are written as. */
static void put_text(struct buf *out, const char *text)
{
	CLEANUP(buf) struct buf safe = BUF_INIT(1 << 20);
	static const struct {
		char c;
		const char *name;
	} escapes[] = {{'<', "&lt;"}, {'>', "&gt;"}, {'&', "&amp;"}, {'"', "&quot;"}};

	printable_add(&safe, text, strlen(text), "\n\t");
	for (const char *p = buf_str(&safe); *p; p++) {
		const char *name = NULL;

		for (size_t i = 0; i < ARRAY_SIZE(escapes); i++)
			if (escapes[i].c == *p)
				name = escapes[i].name;
		if (name)
			buf_puts(out, name);
		else
			buf_putc(out, *p);
	}
}

static void put_attribute(struct buf *out, const char *name, const char *value)
{
	buf_printf(out, " %s=\"", name);
	put_text(out, value);
	buf_putc(out, '"');
}

static void put_seconds(struct buf *out, uint64_t ms)
{
	buf_printf(out, " time=\"%llu.%03llu\"", (unsigned long long)(ms / 1000),
		(unsigned long long)(ms % 1000));
}

static void put_failure(struct buf *out, const struct probe_cell *c)
{
	buf_puts(out, "<failure");
	put_attribute(out, "message", c->why ? c->why : "");
	buf_puts(out, ">");
	put_text(out, c->tail ? c->tail : "");
	buf_puts(out, "</failure>");
}

static void put_cell(struct buf *out, const char *file, const struct probe_cell *c)
{
	CLEANUP(free) char *name = probe_cell_name(c);

	buf_puts(out, "    <testcase");
	put_attribute(out, "classname", file);
	put_attribute(out, "name", name);
	put_seconds(out, c->ms);
	buf_puts(out, ">");
	if (c->outcome == PROBE_FAILED)
		put_failure(out, c);
	if (c->outcome == PROBE_SKIPPED || c->outcome == PROBE_NOT_RUN) {
		buf_puts(out, "<skipped");
		put_attribute(out, "message", c->why ? c->why : probe_outcomes[c->outcome]);
		buf_puts(out, "/>");
	}
	buf_puts(out, "</testcase>\n");
}

static void put_totals(struct buf *out, const struct probe_cell *cells, size_t n)
{
	size_t failed = 0, skipped = 0;
	uint64_t ms = 0;

	for (size_t i = 0; i < n; i++) {
		failed += cells[i].outcome == PROBE_FAILED;
		skipped += cells[i].outcome == PROBE_SKIPPED || cells[i].outcome == PROBE_NOT_RUN;
		ms += cells[i].ms;
	}
	buf_printf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"%zu\"", n, failed,
		skipped);
	put_seconds(out, ms);
}

void probe_junit_write(struct buf *out, const char *name, const struct probe_cell *cells, size_t n)
{
	buf_puts(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites");
	put_totals(out, cells, n);
	buf_puts(out, ">\n  <testsuite");
	put_attribute(out, "name", name);
	put_totals(out, cells, n);
	buf_puts(out, ">\n");
	for (size_t i = 0; i < n; i++)
		put_cell(out, name, &cells[i]);
	buf_puts(out, "  </testsuite>\n</testsuites>\n");
}
