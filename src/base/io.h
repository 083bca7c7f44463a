/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Readers and writers: the two small interfaces for everything that moves bytes. They are stacked
 * (file, digest check, decompressor, tar), and a stack needs no more memory than its buffers and
 * windows. Files and sockets are never read whole, unless a bound is given.
 */
#ifndef WHERRY_BASE_IO_H
#define WHERRY_BASE_IO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

enum { IO_CHUNK = 64 * 1024 }; /* a good size for the buffer of a copying loop */

struct reader {
	/* Read up to size bytes (size > 0) into p; *got = 0 is the end. */
	int (*read)(struct reader *r, void *p, size_t size, size_t *got, struct werr **err);
	void (*free)(struct reader *r);
};

/* A part of a file, which is not owned. */
struct io_range {
	int fd;
	uint64_t offset, size;
};

struct writer {
	/* Write all of the size bytes at p. */
	int (*write)(struct writer *w, const void *p, size_t size, struct werr **err);
	/*
	 * Write what is held back (the end of a compressed stream). Must be called once, after
	 * success.
	 */
	int (*finish)(struct writer *w, struct werr **err);
	void (*free)(struct writer *w);
	/*
	 * Add n zeros, which take no space where possible. NULL: writer_skip() writes them. A
	 * writer only goes forward; a format that must go back is made in an unnamed file and
	 * copied.
	 */
	int (*skip)(struct writer *w, uint64_t n, struct werr **err);
	/*
	 * Add a part of a file as far as that can be done without reading it, and cut that off from
	 * the part's beginning; writer_add_range() writes the rest. NULL: all of it.
	 */
	int (*add_range)(struct writer *w, struct io_range *left, struct werr **err);
};

int reader_read(struct reader *r, void *p, size_t size, size_t *got, struct werr **err);
/* Read exactly size bytes; WERR_CORRUPT when the end comes before. */
int reader_read_full(struct reader *r, void *p, size_t size, struct werr **err);
/* Read to the end and discard it, so that a digest check comes to its verdict. */
int reader_drain(struct reader *r, struct werr **err);
/*
 * Read the rest, at most max bytes (else WERR_LIMIT). *ret is NUL-terminated and owned by the
 * caller.
 */
int reader_read_all(struct reader *r, size_t max, char **ret, size_t *ret_size, struct werr **err);
void reader_free(struct reader *r);
DEFINE_CLEANUP(struct reader *, reader_free, reader)

int writer_write(struct writer *w, const void *p, size_t size, struct werr **err);
/* Write the same byte n times. Can be interrupted. */
int writer_fill(struct writer *w, char c, uint64_t n, struct werr **err);
/* Write n zeros, as a hole where the writer can make one. Can be interrupted. */
int writer_skip(struct writer *w, uint64_t n, struct werr **err);
/*
 * Write a part of a file, without reading it where the kernel can copy it. WERR_CORRUPT: the file
 * ends too early. Can be interrupted.
 */
int writer_add_range(struct writer *w, const struct io_range *range, struct werr **err);
int writer_finish(struct writer *w, struct werr **err);
void writer_free(struct writer *w);
DEFINE_CLEANUP(struct writer *, writer_free, writer)

/*
 * Whether a stream looks as if it was made to fill a disk. Up to 1 GiB is fine, and beyond that up
 * to 200 times the compressed size (text may reach 20 times, zeros more than a thousand).
 */
static inline bool io_is_bomb(uint64_t packed, uint64_t unpacked)
{
	return unpacked > (uint64_t)1 << 30 && unpacked / 200 > packed;
}
/* The error for it: WERR_LIMIT. */
int io_bomb_error(const char *what, struct werr **err);

/* Copy until r ends; *ret_size (may be NULL) is the number of bytes. Can be interrupted. */
int io_copy(struct reader *r, struct writer *w, uint64_t *ret_size, struct werr **err);

bool io_is_zeros(const void *p, size_t size);
/* The same, but whole blocks of zeros are skipped (writer_skip). */
int io_copy_sparse(struct reader *r, struct writer *w, struct werr **err);

/*
 * FD_LENT: the caller keeps the descriptor, and keeps it open; FD_OWNED: it is closed with the
 * reader or writer.
 */
enum fd_owner { FD_LENT, FD_OWNED };
/* name is for error messages and is copied. */
struct reader *fd_reader_new(int fd, enum fd_owner owner, const char *name);
/* A part of a file (FD_LENT), read with pread: several readers of one descriptor do not disturb
 * each other.
 */
struct reader *fd_range_reader_new(int fd, const char *name, uint64_t offset, uint64_t size);
/* Random bytes that nobody can guess; 0 or a negative errno. */
int fd_random(void *p, size_t size);
/* Read exactly size bytes of a file from an offset; WERR_CORRUPT when the end comes before. */
int fd_read_at(int fd, const char *name, uint64_t offset, void *p, size_t size, struct werr **err);
/* Parts of files, end to end, followed by zeros. The array is copied. */
struct reader *ranges_reader_new(const struct io_range *ranges, size_t n, uint64_t zeros);
/* The bytes are not copied and must outlive the reader. */
struct reader *mem_reader_new(const void *p, size_t size);
/*
 * Skipped zeros are a hole in a regular file; they are written to anything else. A part of a file
 * is copied to another file by the kernel.
 */
struct writer *fd_writer_new(int fd, enum fd_owner owner, const char *name);
/* Adds what passes to *count, including skipped zeros; `to` may be NULL (then it only counts). */
struct writer *count_writer_new(struct writer *to, uint64_t *count);

/*
 * Write all bytes to a descriptor, through interrupted and partial writes, waiting even if it is
 * O_NONBLOCK. Returns 0 or -errno.
 */
int fd_write_all(int fd, const void *p, size_t size);
/*
 * Move n bytes beyond the end of a regular file, which makes a hole of zeros there. False, with
 * nothing done, when a hole is not possible (a pipe, O_APPEND, bytes after the current position) or
 * n is too small to save anything.
 */
bool fd_make_hole(int fd, uint64_t n);

#endif
