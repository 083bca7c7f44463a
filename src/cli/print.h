/* SPDX-License-Identifier: Apache-2.0 */
/* What the program says: results on stdout, errors on stderr. Only src/cli prints. */
#ifndef WHERRY_CLI_PRINT_H
#define WHERRY_CLI_PRINT_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/error.h"
#include "data/json.h"

/*
 * The error for a stdout that was closed, or opened for reading only; asked before long work
 * whose result goes there.
 */
int print_check_stdout(struct werr **err);
/* A result. -EPIPE (the reader has gone) comes without an error: there is nobody to report it to.
 */
int print_result(const struct buf *text, struct werr **err);

/*
 * The key "compressors": the version of each library that compresses, on which an initrd's bytes
 * depend.
 */
void print_add_compressors(struct json_writer *w);

/* Append text by printable_add(), with no control character kept. */
void print_add_printable(struct buf *out, const char *text);

/*
 * The errors of a list as people read them ("FILE:LINE:COLUMN: message" or "wherry: message", and "
 * hint: ..."), or as JSON objects, one per line.
 */
void print_errors_text(struct buf *out, const struct werr *err, bool colour);
void print_errors_json(struct buf *out, const struct werr *err);
/* Likewise those of a list of warnings. */
void print_warnings_text(struct buf *out, const struct werr *warnings, bool colour);
void print_warnings_json(struct buf *out, const struct werr *warnings);

#endif
