/* SPDX-License-Identifier: Apache-2.0 */
/* Rows with aligned columns, for people. */
#ifndef WHERRY_DATA_TABLE_H
#define WHERRY_DATA_TABLE_H

#include "base/buf.h"
#include "base/str.h"

struct table_column {
	const char *title;
	bool right; /* its cells end in the same column */
	bool wrap;  /* what does not fit goes on in the next line, from word to word */
};
struct table {
	const struct table_column *columns;
	size_t n;
	struct strv cells; /* row by row */
};

/*
 * Append it, below its titles. Where a row would be wider, columns that wrap share what the others
 * leave; without such columns the first one is cut. width 0: never.
 */
void table_write(struct buf *out, const struct table *t, size_t width);
static inline void table_cleanup(struct table *t)
{
	strv_clear(&t->cells);
}

#endif
