/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files with holes in GNU tar's old format (GNU tar's manual, "Basic Tar Format"; type 'S'): the
 * header says where the runs of bytes between holes are, and goes on in more blocks when there are
 * many. They follow end to end; the header's own size is that of all. A file that ends with a hole
 * has a last run without bytes at its end. Numbers are as in any header.
 */
#ifndef WHERRY_TAR_TAR_SPARSE_H
#define WHERRY_TAR_TAR_SPARSE_H

#include "tar/ustar.h"

#define TAR_SPARSE_MAGIC "ustar  " /* of `magic` and `version`, with its NUL */
enum { TAR_SPARSE_TYPE = 'S', TAR_SPARSE_HEAD = 4, TAR_SPARSE_MORE = 21 };

struct tar_sparse_run {
	char at[12], size[12];
};

/* What the header has in place of struct ustar's prefix and end. */
struct tar_sparse_head {
	char times[24], offset[12], long_names[4], unused;
	struct tar_sparse_run runs[TAR_SPARSE_HEAD];
	char is_continued; /* a struct tar_sparse_more follows */
	char size[12];     /* of the file with its holes */
	char end[17];
};
_Static_assert(offsetof(struct ustar, prefix) + sizeof(struct tar_sparse_head) == TAR_BLOCK,
	"a header is one block");

struct tar_sparse_more {
	struct tar_sparse_run runs[TAR_SPARSE_MORE];
	char is_continued;
	char end[7];
};
_Static_assert(sizeof(struct tar_sparse_more) == TAR_BLOCK, "and so is each that follows");

#endif
