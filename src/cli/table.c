/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/table.h"

#include "base/mem.h"
#include "cli/terminal.h"

enum { GAP = 2, FIRST_MIN = 12 };

/* Without the gap. */
static size_t width_of(const struct table *t, size_t column)
{
	size_t widest = terminal_columns(t->columns[column].title);

	for (size_t i = column; i < t->cells.n; i += t->n)
		if (terminal_columns(t->cells.items[i]) > widest)
			widest = terminal_columns(t->cells.items[i]);
	return widest;
}

static void add_cell(struct buf *out, const struct table *t, size_t column, const char *text,
	const size_t *widths)
{
	size_t n = terminal_columns(text);
	size_t room = n < widths[column] ? widths[column] - n : 0;

	if (column)
		buf_fill(out, ' ', GAP);
	if (t->columns[column].right)
		buf_fill(out, ' ', room);
	terminal_add(out, text, widths[column], TERMINAL_CUT_END);
	/* No spaces at the end of a line. */
	if (!t->columns[column].right && column + 1 < t->n)
		buf_fill(out, ' ', room);
}

void table_write(struct buf *out, const struct table *t, size_t width)
{
	CLEANUP(free) size_t *widths = mem_new_array(size_t, t->n);
	size_t others = 0;

	for (size_t i = 0; i < t->n; i++) {
		widths[i] = width_of(t, i);
		others += i ? widths[i] + GAP : 0;
	}
	if (width && widths[0] + others > width)
		widths[0] = width > others + FIRST_MIN ? width - others : FIRST_MIN;
	for (size_t i = 0; i < t->n; i++)
		add_cell(out, t, i, t->columns[i].title, widths);
	buf_putc(out, '\n');
	for (size_t i = 0; i < t->cells.n; i++) {
		add_cell(out, t, i % t->n, t->cells.items[i], widths);
		if (i % t->n == t->n - 1)
			buf_putc(out, '\n');
	}
}
