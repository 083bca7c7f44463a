/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of formats: the files that each consists of, and the pieces that these are made from.
 * The command line's help, completion and errors read it.
 */
#ifndef WHERRY_OUTPUT_FORMAT_H
#define WHERRY_OUTPUT_FORMAT_H

#include "output/pieces.h"

/* Writes a file of a format. OUTPUT_NONE: there is nothing to write, and so no such file. */
enum { OUTPUT_NONE = 1 };
typedef int output_write(
	const struct plan *p, const struct pieces *pieces, struct writer *to, struct werr **err);

/* One file of a format. */
struct output_file {
	const char *suffix;           /* after the name: "-kernel" */
	const struct encoding *piece; /* it is this encoding's last piece as it is; or NULL */
	output_write *write;          /* or this writes it */
};

enum { FORMAT_FILES_MAX = 4, FORMAT_ENCODINGS_MAX = 8 };
struct format {
	const char *name;
	bool is_stream; /* one file, which may go to stdout */
	const struct encoding *encodings[FORMAT_ENCODINGS_MAX]; /* what it needs; NULL ends them */
	struct output_file files[FORMAT_FILES_MAX];             /* suffix NULL ends them */
};

/* NULL: there is no such format. A format without files is one of LinuxKit's that Wherry lacks. */
const struct format *format_find(const char *name);
bool format_is_supported(const struct format *f);
/* Names of the formats, in the order of the table; NULL ends them. */
const char *const *format_names(void);
/* Those that are not supported yet. */
const char *const *format_names_later(void);

#endif
