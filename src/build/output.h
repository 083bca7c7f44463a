/* SPDX-License-Identifier: Apache-2.0 */
/* Formats and the files they are made of. */
#ifndef WHERRY_BUILD_OUTPUT_H
#define WHERRY_BUILD_OUTPUT_H

#include "base/file.h"
#include "build/piece.h"

/* All the pieces of a plan: n parts, one piece for each kind that is wanted. */
struct pieces {
	size_t n;
	struct piece (*of)[PIECE_KINDS];
};

/* One file of a format. */
struct output_file {
	const char *suffix; /* behind the name: "-kernel" */
	int (*write)(const struct plan *p, const struct pieces *pieces, struct writer *to,
		struct werr **err);
};

enum { FORMAT_FILES_MAX = 4 };
struct format {
	const char *name;
	bool needs_kernel, stream;                  /* stream: may go to stdout */
	bool kinds[PIECE_KINDS];                    /* the pieces it needs */
	struct output_file files[FORMAT_FILES_MAX]; /* suffix NULL ends them */
};

extern const struct format formats[]; /* name NULL ends them */
/* NULL when there is no such format. */
const struct format *format_find(const char *name);

#endif
