/* SPDX-License-Identifier: Apache-2.0 */
#include "base/bytes.h"

#include <stdlib.h>
#include <string.h>

#include "base/cancel.h"
#include "base/mem.h"
#include "base/str.h"

int bytes_read(struct bytes *b, uint64_t at, void *p, size_t size, struct werr **err)
{
	if (at > b->size || size > b->size - at)
		return werr_set(err, WERR_CORRUPT, "it ends too early");
	return size == 0 ? 0 : b->read(b, at, p, size, err);
}

int bytes_read_some(
	struct bytes *b, uint64_t at, void *p, size_t size, size_t *got, struct werr **err)
{
	uint64_t left = at < b->size ? b->size - at : 0;

	*got = size < left ? size : (size_t)left;
	return *got == 0 ? 0 : b->read(b, at, p, *got, err);
}

int bytes_skip_zeros(struct bytes *b, uint64_t at, uint64_t *ret, struct werr **err)
{
	CLEANUP(free) char *chunk = NULL;
	size_t got = 0, n = 0;
	char first = 1;
	int r = bytes_read_some(b, at, &first, 1, &got, err);

	if (r == 0 && first == 0)
		chunk = mem_alloc(IO_CHUNK);
	while (r == 0 && chunk) {
		r = cancel_check(err);
		if (r == 0)
			r = bytes_read_some(b, at, chunk, IO_CHUNK, &got, err);
		for (n = 0; r == 0 && n < got && chunk[n] == 0; n++)
			continue;
		at += n;
		if (n < got || got == 0)
			break;
	}
	if (r == 0)
		*ret = at;
	return r;
}

void bytes_free(struct bytes *b)
{
	if (b)
		b->free(b);
}

/* ---- a part of a file ---- */

struct file_bytes {
	struct bytes bytes; /* first */
	struct io_range range;
	char name[];
};

static int file_bytes_read(struct bytes *b, uint64_t at, void *p, size_t size, struct werr **err)
{
	const struct file_bytes *f = CONTAINER_OF(b, struct file_bytes, bytes);

	return fd_read_at(f->range.fd, f->name, f->range.offset + at, p, size, err);
}

static void file_bytes_free(struct bytes *b)
{
	free(CONTAINER_OF(b, struct file_bytes, bytes));
}

struct bytes *bytes_of_range(const struct io_range *range, const char *name)
{
	size_t size = strlen(name) + 1;
	struct file_bytes *f = mem_alloc(sizeof(*f) + size);

	f->bytes = (struct bytes){range->size, file_bytes_read, file_bytes_free};
	f->range = *range;
	memcpy(f->name, name, size);
	return &f->bytes;
}

bool bytes_are_range(const struct bytes *b, struct io_range *ret)
{
	if (b->read != file_bytes_read)
		return false;
	*ret = ((const struct file_bytes *)(const void *)b)->range;
	return true;
}

/* ---- memory ---- */

struct memory_bytes {
	struct bytes bytes;
	const char *p;
};

static int memory_bytes_read(
	struct bytes *b, uint64_t at, void *p, size_t size, ATTR_UNUSED struct werr **err)
{
	memcpy(p, CONTAINER_OF(b, struct memory_bytes, bytes)->p + at, size);
	return 0;
}

static void memory_bytes_free(struct bytes *b)
{
	free(CONTAINER_OF(b, struct memory_bytes, bytes));
}

struct bytes *bytes_of_memory(const void *p, size_t size)
{
	struct memory_bytes *m = mem_new(struct memory_bytes);

	m->bytes = (struct bytes){size, memory_bytes_read, memory_bytes_free};
	m->p = p;
	return &m->bytes;
}

/* ---- runs of others ---- */

/* A run, and where it begins in the whole. */
struct placed_run {
	struct bytes_run run;
	uint64_t start;
};
struct run_bytes {
	struct bytes bytes;
	struct bytes *in;
	size_t n;
	struct placed_run runs[];
};

/* The last run that begins at or before a place. */
static size_t find_run(const struct run_bytes *r, uint64_t at)
{
	size_t low = 0, high = r->n;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (r->runs[middle].start <= at)
			low = middle;
		else
			high = middle;
	}
	return low;
}

static int run_bytes_read(struct bytes *b, uint64_t at, void *p, size_t size, struct werr **err)
{
	const struct run_bytes *r = CONTAINER_OF(b, struct run_bytes, bytes);
	char *to = p;
	int res = 0;

	for (size_t i = find_run(r, at); res == 0 && size > 0; i++) {
		const struct placed_run *run = &r->runs[i];
		uint64_t skip = at - run->start, left = run->run.size - skip;
		size_t n = size < left ? size : (size_t)left;

		res = bytes_read(r->in, run->run.at + skip, to, n, err);
		to += n;
		at += n;
		size -= n;
	}
	return res;
}

static void run_bytes_free(struct bytes *b)
{
	free(CONTAINER_OF(b, struct run_bytes, bytes));
}

struct bytes *bytes_of_runs(struct bytes *in, const struct bytes_run *runs, size_t n)
{
	struct run_bytes *r = mem_alloc(sizeof(*r) + n * sizeof(r->runs[0]));

	*r = (struct run_bytes){{0, run_bytes_read, run_bytes_free}, in, 0};
	for (size_t i = 0; i < n; i++) {
		/* What can't be there is found by whoever reads it. */
		if (runs[i].size == 0 || runs[i].size > (uint64_t)INT64_MAX - r->bytes.size ||
			runs[i].at > (uint64_t)INT64_MAX)
			continue;
		r->runs[r->n++] = (struct placed_run){runs[i], r->bytes.size};
		r->bytes.size += runs[i].size;
	}
	return &r->bytes;
}

/* ---- as a reader ---- */

struct bytes_reader {
	struct reader reader;
	struct bytes *bytes;
	uint64_t at, left;
};

static int bytes_reader_read(struct reader *r, void *p, size_t size, size_t *got, struct werr **err)
{
	struct bytes_reader *b = CONTAINER_OF(r, struct bytes_reader, reader);
	size_t n = size < b->left ? size : (size_t)b->left;
	int res = bytes_read(b->bytes, b->at, p, n, err);

	if (res < 0)
		return res;
	b->at += n;
	b->left -= n;
	*got = n;
	return 0;
}

static void bytes_reader_free(struct reader *r)
{
	free(CONTAINER_OF(r, struct bytes_reader, reader));
}

struct reader *bytes_reader_new(struct bytes *b, uint64_t at, uint64_t size)
{
	struct bytes_reader *r = mem_new(struct bytes_reader);

	r->reader = (struct reader){bytes_reader_read, bytes_reader_free};
	r->bytes = b;
	r->at = at;
	r->left = size;
	return &r->reader;
}
