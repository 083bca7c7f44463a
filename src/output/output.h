/* SPDX-License-Identifier: Apache-2.0 */
/* Formats and the files they are made of. */
#ifndef WHERRY_OUTPUT_OUTPUT_H
#define WHERRY_OUTPUT_OUTPUT_H

#include "base/file.h"
#include "output/piece.h"

/* What writes a file of a format. OUTPUT_NONE: there is nothing to write, and so no such file. */
enum { OUTPUT_NONE = 1 };
typedef int output_write(
	const struct plan *p, const struct pieces *pieces, struct writer *to, struct werr **err);

/* One file of a format. */
struct output_file {
	const char *suffix; /* behind the name: "-kernel" */
	output_write *write;
};

enum { FORMAT_FILES_MAX = 4 };
struct format {
	const char *name;
	bool stream;                                /* one file, which may go to stdout */
	bool kinds[PIECE_KINDS];                    /* the pieces it needs */
	struct output_file files[FORMAT_FILES_MAX]; /* suffix NULL ends them */
};

extern const struct format formats[]; /* name NULL ends them */
/* NULL when there is no such format. */
const struct format *format_find(const char *name);

/* An initrd's archives end to end, without microcode, and how many bytes that is. */
struct reader *output_open_initrd(const struct plan *p, const struct pieces *pieces);
uint64_t output_initrd_size(const struct plan *p, const struct pieces *pieces);

/* output-tar.c */
output_write output_write_tar, output_write_docker, output_write_kernel_tar;

#endif
