/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading a table of an SQLite database (https://www.sqlite.org/fileformat2.html), row by row. Not
 * its indexes, nor what is only in a write-ahead log.
 */
#ifndef WHERRY_INVENTORY_SQLITE_H
#define WHERRY_INVENTORY_SQLITE_H

#include "base/io.h"

enum {
	SQLITE_COLUMNS_MAX = 16,   /* of a row; what is behind them is left out */
	SQLITE_ROW_MAX = 16 << 20, /* bytes */
	SQLITE_DEPTH_MAX = 20,     /* pages from the root of a table to a row */
};

enum sqlite_type { SQLITE_NULL, SQLITE_INTEGER, SQLITE_FLOAT, SQLITE_BLOB, SQLITE_TEXT };
struct sqlite_value {
	enum sqlite_type type;
	int64_t number;         /* SQLITE_INTEGER */
	const unsigned char *p; /* SQLITE_BLOB, SQLITE_TEXT: size bytes, no NUL behind them */
	size_t size;
};

/* A column that is the row's number is SQLITE_NULL. values are valid during the call. */
typedef int sqlite_visit(const struct sqlite_value *values, size_t n, void *ctx, struct werr **err);
/*
 * Call visit for each row of a table; another result than 0 ends it and is returned. WERR_CORRUPT:
 * it is not such a file, or has no such table. Can be interrupted.
 */
int sqlite_read_table(const struct io_range *file, const char *table, sqlite_visit *visit,
	void *ctx, struct werr **err);

#endif
