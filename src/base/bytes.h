/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes that can be read from any place, in any order, by several threads: a part of a file,
 * memory, or what lies in such bytes in several runs.
 */
#ifndef WHERRY_BASE_BYTES_H
#define WHERRY_BASE_BYTES_H

#include "base/io.h"

struct bytes {
	uint64_t size;
	/* Read size (> 0) bytes, which are all there. */
	int (*read)(struct bytes *b, uint64_t at, void *p, size_t size, struct werr **err);
	void (*free)(struct bytes *b);
};

/* WERR_CORRUPT: they are not all there. */
int bytes_read(struct bytes *b, uint64_t at, void *p, size_t size, struct werr **err);
/* The same, up to the end; how many. */
int bytes_read_some(
	struct bytes *b, uint64_t at, void *p, size_t size, size_t *got, struct werr **err);
/* The first place from `at` on that has no zero, or the end. Can be interrupted. */
int bytes_skip_zeros(struct bytes *b, uint64_t at, uint64_t *ret, struct werr **err);
void bytes_free(struct bytes *b);
DEFINE_CLEANUP(struct bytes *, bytes_free, bytes)

/* name is for errors, and is copied. The file stays open as long as the bytes are used. */
struct bytes *bytes_of_range(const struct io_range *range, const char *name);
/* Whether they are a part of a file, and which. */
bool bytes_are_range(const struct bytes *b, struct io_range *ret);
/* Not copied. */
struct bytes *bytes_of_memory(const void *p, size_t size);
struct bytes_run {
	uint64_t at, size;
};
/*
 * Runs of others, which must outlive them, end to end; copied. What is missing in the others is
 * WERR_CORRUPT when it is read.
 */
struct bytes *bytes_of_runs(struct bytes *in, const struct bytes_run *runs, size_t n);
/* A part, read from its beginning to its end. The bytes must outlive the reader. */
struct reader *bytes_reader_new(struct bytes *b, uint64_t at, uint64_t size);

#endif
