/* SPDX-License-Identifier: Apache-2.0 */
#include "data/table.h"

#include <string.h>

#include "base/mem.h"
#include "data/terminal.h"

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

/* ---- where it is too wide ---- */

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* What the columns that wrap take when none of them is wider than the limit. */
static size_t sum_wrapped(const struct table *t, const size_t *widths, size_t limit)
{
	size_t sum = 0;

	for (size_t i = 0; i < t->n; i++)
		if (t->columns[i].wrap)
			sum += smaller(widths[i], limit);
	return sum;
}

/* They share what the other columns leave of `room`: the narrow ones get all that they need. */
static void narrow_wrapped(const struct table *t, size_t *widths, size_t room)
{
	size_t limit = FIRST_MIN;

	while (limit < room && sum_wrapped(t, widths, limit + 1) <= room)
		limit++;
	for (size_t i = 0; i < t->n; i++)
		if (t->columns[i].wrap)
			widths[i] = smaller(widths[i], limit);
}

static void fit(const struct table *t, size_t *widths, size_t width)
{
	size_t all = sum_wrapped(t, widths, SIZE_MAX), others = (t->n - 1) * GAP;

	for (size_t i = 0; i < t->n; i++)
		others += t->columns[i].wrap ? 0 : widths[i];
	if (others + all <= width)
		return;
	if (all)
		narrow_wrapped(t, widths, width > others ? width - others : 0);
	else
		widths[0] = width + widths[0] > others + FIRST_MIN ? width + widths[0] - others
								   : FIRST_MIN;
}

/* ---- rows ---- */

/* What of a text is in the first line of so many columns, in bytes: whole words, if it has any. */
static size_t line_of(const char *text, size_t width)
{
	size_t fits = 0, columns = 0;
	const char *p = text;

	for (; *p && columns <= width; p++) {
		if (*p == ' ')
			fits = (size_t)(p - text);
		columns += terminal_begins(*p);
	}
	if (columns <= width)
		return strlen(text);
	return fits ? fits : (size_t)(p - 1 - text);
}

/* Append the next line of a cell; *text moves to what is left of it. */
static void add_cell(struct buf *out, const struct table *t, size_t column, const char **text,
	const size_t *widths)
{
	size_t n = t->columns[column].wrap ? line_of(*text, widths[column]) : strlen(*text);
	CLEANUP(free) char *line = str_dup_n(*text, n);
	size_t columns = terminal_columns(line);
	size_t room = columns < widths[column] ? widths[column] - columns : 0;

	*text += n;
	*text += strspn(*text, " ");
	if (column)
		buf_fill(out, ' ', GAP);
	if (t->columns[column].right)
		buf_fill(out, ' ', room);
	terminal_add(out, line, widths[column], TERMINAL_CUT_END);
	if (!t->columns[column].right)
		buf_fill(out, ' ', room);
}

/* No spaces at the end of a line. */
static void end_line(struct buf *out)
{
	while (out->len > 0 && out->data[out->len - 1] == ' ')
		buf_truncate(out, out->len - 1);
	buf_putc(out, '\n');
}

static void add_row(
	struct buf *out, const struct table *t, char *const *cells, const size_t *widths)
{
	CLEANUP(free) const char **left = mem_new_array(const char *, t->n);
	bool more = true;

	for (size_t i = 0; i < t->n; i++)
		left[i] = cells[i];
	while (more) {
		more = false;
		for (size_t i = 0; i < t->n; i++) {
			add_cell(out, t, i, &left[i], widths);
			more |= *left[i] != '\0';
		}
		end_line(out);
	}
}

void table_write(struct buf *out, const struct table *t, size_t width)
{
	CLEANUP(free) size_t *widths = mem_new_array(size_t, t->n);
	CLEANUP(strv) struct strv titles = {0};

	for (size_t i = 0; i < t->n; i++) {
		widths[i] = width_of(t, i);
		strv_add(&titles, t->columns[i].title);
	}
	if (width)
		fit(t, widths, width);
	add_row(out, t, titles.items, widths);
	for (size_t i = 0; i + t->n <= t->cells.n; i += t->n)
		add_row(out, t, &t->cells.items[i], widths);
}
