/* SPDX-License-Identifier: Apache-2.0 */
#include "base/io.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cancel.h"
#include "base/mem.h"
#include "base/str.h"

enum { SMALL_FILE = 2048 };

int reader_read(struct reader *r, void *p, size_t size, size_t *got, struct werr **err)
{
	return r->read(r, p, size, got, err);
}

int reader_read_full(struct reader *r, void *p, size_t size, struct werr **err)
{
	for (size_t done = 0; done < size;) {
		size_t got = 0;
		int res = r->read(r, (char *)p + done, size - done, &got, err);

		if (res < 0)
			return res;
		if (got == 0)
			return werr_set(err, WERR_CORRUPT, "the data ends too early");
		done += got;
	}
	return 0;
}

int reader_drain(struct reader *r, struct werr **err)
{
	struct writer *nowhere = count_writer_new(NULL, NULL);
	int res = io_copy(r, nowhere, NULL, err);

	writer_free(nowhere);
	return res;
}

int reader_read_all(struct reader *r, size_t max, char **ret, size_t *ret_size, struct werr **err)
{
	CLEANUP(buf) struct buf b = BUF_INIT(max + 1);
	/* Most files are small. */
	size_t part = SMALL_FILE;

	for (;;) {
		size_t room = b.max - b.len < part ? b.max - b.len : part, got = 0;
		char *p = buf_reserve(&b, room);
		int res = r->read(r, p, room, &got, err);

		if (res < 0)
			return res;
		if (got == 0)
			break;
		b.len += got;
		b.data[b.len] = 0;
		if (b.len > max)
			return werr_set(err, WERR_LIMIT, "larger than the %zu bytes allowed", max);
		if (got == part && part < IO_CHUNK)
			part *= 2;
	}
	*ret_size = b.len;
	*ret = buf_steal(&b);
	return 0;
}

void reader_free(struct reader *r)
{
	if (r)
		r->free(r);
}

int writer_write(struct writer *w, const void *p, size_t size, struct werr **err)
{
	return w->write(w, p, size, err);
}

int writer_fill(struct writer *w, char c, uint64_t n, struct werr **err)
{
	char block[4096];

	memset(block, c, sizeof(block));
	while (n > 0) {
		size_t part = n < sizeof(block) ? (size_t)n : sizeof(block);
		int r = cancel_check(err);

		if (r == 0)
			r = w->write(w, block, part, err);
		if (r < 0)
			return r;
		n -= part;
	}
	return 0;
}

int writer_skip(struct writer *w, uint64_t n, struct werr **err)
{
	return w->skip ? w->skip(w, n, err) : writer_fill(w, 0, n, err);
}

int writer_add_range(struct writer *w, const struct io_range *range, struct werr **err)
{
	CLEANUP(reader) struct reader *rest = NULL;
	struct io_range left = *range;
	int r = w->add_range ? w->add_range(w, &left, err) : 0;

	if (r < 0 || left.size == 0)
		return r;
	rest = fd_range_reader_new(left.fd, "a part", left.offset, left.size);
	return io_copy(rest, w, NULL, err);
}

int writer_finish(struct writer *w, struct werr **err)
{
	return w->finish(w, err);
}

void writer_free(struct writer *w)
{
	if (w)
		w->free(w);
}

int io_bomb_error(const char *what, struct werr **err)
{
	return werr_set(err, WERR_LIMIT,
		"%s unpacks to more than 1 GiB and 200 times its size, which only bombs do", what);
}

int io_copy(struct reader *r, struct writer *w, uint64_t *ret_size, struct werr **err)
{
	CLEANUP(free) char *chunk = mem_alloc(IO_CHUNK);
	uint64_t total = 0;

	for (;;) {
		size_t got = 0;
		int res = cancel_check(err);

		if (res == 0)
			res = reader_read(r, chunk, IO_CHUNK, &got, err);
		if (res == 0 && got > 0)
			res = writer_write(w, chunk, got, err);
		if (res < 0)
			return res;
		if (got == 0)
			break;
		total += got;
	}
	if (ret_size)
		*ret_size = total;
	return 0;
}

bool io_is_zeros(const void *p, size_t size)
{
	const unsigned char *bytes = p;

	return size == 0 || (bytes[0] == 0 && memcmp(bytes, bytes + 1, size - 1) == 0);
}

static int write_sparse(struct writer *w, const char *p, size_t size, struct werr **err)
{
	enum { BLOCK = 4096 };
	int res = 0;

	for (size_t part; res == 0 && size > 0; p += part, size -= part) {
		part = size < BLOCK ? size : BLOCK;
		res = io_is_zeros(p, part) ? writer_skip(w, part, err)
					   : writer_write(w, p, part, err);
	}
	return res;
}

int io_copy_sparse(struct reader *r, struct writer *w, struct werr **err)
{
	CLEANUP(free) char *chunk = mem_alloc(IO_CHUNK);
	size_t got = 1;
	int res = 0;

	while (res == 0 && got > 0) {
		res = cancel_check(err);
		if (res == 0)
			res = reader_read(r, chunk, IO_CHUNK, &got, err);
		if (res == 0)
			res = write_sparse(w, chunk, got, err);
	}
	return res;
}

struct mem_reader {
	struct reader reader;
	const char *p;
	size_t left;
};

static int mem_reader_read(
	struct reader *r, void *p, size_t size, size_t *got, ATTR_UNUSED struct werr **err)
{
	struct mem_reader *m = CONTAINER_OF(r, struct mem_reader, reader);

	*got = size < m->left ? size : m->left;
	/* An empty one has no bytes, and NULL has no offset (C17, 6.5.6). */
	if (*got == 0)
		return 0;
	memcpy(p, m->p, *got);
	m->p += *got;
	m->left -= *got;
	return 0;
}

static void mem_reader_free(struct reader *r)
{
	free(CONTAINER_OF(r, struct mem_reader, reader));
}

struct reader *mem_reader_new(const void *p, size_t size)
{
	struct mem_reader *m = mem_new(struct mem_reader);

	m->reader = (struct reader){mem_reader_read, mem_reader_free};
	m->p = p;
	m->left = size;
	return &m->reader;
}

struct count_writer {
	struct writer writer, *to;
	uint64_t *count;
};

static int count_writer_write(struct writer *w, const void *p, size_t size, struct werr **err)
{
	struct count_writer *c = CONTAINER_OF(w, struct count_writer, writer);

	if (c->count)
		*c->count += size;
	return c->to ? writer_write(c->to, p, size, err) : 0;
}

static int count_writer_skip(struct writer *w, uint64_t n, struct werr **err)
{
	struct count_writer *c = CONTAINER_OF(w, struct count_writer, writer);

	if (c->count)
		*c->count += n;
	return c->to ? writer_skip(c->to, n, err) : 0;
}

static int count_writer_add_range(struct writer *w, struct io_range *left, struct werr **err)
{
	struct count_writer *c = CONTAINER_OF(w, struct count_writer, writer);
	int r;

	/* It is read, to see whether it is there. */
	if (!c->to)
		return 0;
	r = writer_add_range(c->to, left, err);
	if (c->count)
		*c->count += left->size;
	left->size = 0;
	return r;
}

static int count_writer_finish(struct writer *w, struct werr **err)
{
	struct count_writer *c = CONTAINER_OF(w, struct count_writer, writer);

	return c->to ? writer_finish(c->to, err) : 0;
}

static void count_writer_free(struct writer *w)
{
	free(CONTAINER_OF(w, struct count_writer, writer));
}

struct writer *count_writer_new(struct writer *to, uint64_t *count)
{
	struct count_writer *c = mem_new(struct count_writer);

	c->writer = (struct writer){count_writer_write, count_writer_finish, count_writer_free,
		count_writer_skip, count_writer_add_range};
	c->to = to;
	c->count = count;
	return &c->writer;
}
