/* SPDX-License-Identifier: Apache-2.0 */
#include "base/io.h"

#include <errno.h>
#include <poll.h>
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
		int r = w->write(w, block, part, err);

		if (r < 0)
			return r;
		n -= part;
	}
	return 0;
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
		"%s unpacks to more than 1 GiB and 200 times its size, as only bombs do", what);
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

/*
 * A descriptor that was inherited may be O_NONBLOCK by the will of others (ssh, node.js), who see
 * it if we change that.
 */
static bool waits(int fd, short events)
{
	struct pollfd p = {.fd = fd, .events = events};

	if (errno != EAGAIN)
		return false;
	return poll(&p, 1, -1) >= 0 || errno == EINTR;
}

int fd_write_all(int fd, const void *p, size_t size)
{
	while (size > 0) {
		ssize_t n = write(fd, p, size);

		if (n < 0 && (errno == EINTR || waits(fd, POLLOUT)))
			continue;
		if (n < 0)
			return -errno;
		p = (const char *)p + n;
		size -= (size_t)n;
	}
	return 0;
}

struct fd_reader {
	struct reader reader;
	int fd;
	bool own, ranged;
	uint64_t offset, left;
	char *name;
};

static int fd_reader_read(struct reader *r, void *p, size_t size, size_t *got, struct werr **err)
{
	struct fd_reader *f = CONTAINER_OF(r, struct fd_reader, reader);
	bool again;
	ssize_t n;

	if (f->ranged && size > f->left)
		size = (size_t)f->left;
	do {
		n = f->ranged ? pread(f->fd, p, size, (off_t)f->offset) : read(f->fd, p, size);
		again = n < 0 && (errno == EINTR || waits(f->fd, POLLIN));
		/* A reader of a terminal or pipe must notice Ctrl-C. */
		if (again && cancel_requested())
			return cancel_check(err);
	} while (again);
	if (n < 0)
		return werr_errno(err, errno, "can't read %s", f->name);
	if (f->ranged && n == 0 && f->left > 0)
		return werr_set(err, WERR_CORRUPT, "%s ends too early", f->name);
	f->offset += (uint64_t)n;
	f->left -= f->ranged ? (uint64_t)n : 0;
	*got = (size_t)n;
	return 0;
}

static void fd_reader_free(struct reader *r)
{
	struct fd_reader *f = CONTAINER_OF(r, struct fd_reader, reader);

	if (f->own)
		close(f->fd);
	free(f->name);
	free(f);
}

static struct fd_reader *reader_of_fd(int fd, bool own, const char *name)
{
	struct fd_reader *f = mem_new(struct fd_reader);

	f->reader.read = fd_reader_read;
	f->reader.free = fd_reader_free;
	f->fd = fd;
	f->own = own;
	f->name = str_dup(name);
	return f;
}

struct reader *fd_reader_new(int fd, bool own, const char *name)
{
	return &reader_of_fd(fd, own, name)->reader;
}

struct reader *range_reader_new(int fd, bool own, const char *name, uint64_t offset, uint64_t size)
{
	struct fd_reader *f = reader_of_fd(fd, own, name);

	f->ranged = true;
	f->offset = offset;
	f->left = size;
	return &f->reader;
}

int fd_read_at(int fd, const char *name, uint64_t offset, void *p, size_t size, struct werr **err)
{
	CLEANUP(reader) struct reader *r = range_reader_new(fd, false, name, offset, size);

	return reader_read_full(r, p, size, err);
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
	if (*got)
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

struct fd_writer {
	struct writer writer;
	int fd;
	bool own;
	char *name;
};

static int fd_writer_write(struct writer *w, const void *p, size_t size, struct werr **err)
{
	struct fd_writer *f = CONTAINER_OF(w, struct fd_writer, writer);
	int r = fd_write_all(f->fd, p, size);

	return r < 0 ? werr_errno(err, -r, "can't write %s", f->name) : 0;
}

static int nothing_to_finish(ATTR_UNUSED struct writer *w, ATTR_UNUSED struct werr **err)
{
	return 0;
}

static void fd_writer_free(struct writer *w)
{
	struct fd_writer *f = CONTAINER_OF(w, struct fd_writer, writer);

	if (f->own)
		close(f->fd);
	free(f->name);
	free(f);
}

struct writer *fd_writer_new(int fd, bool own, const char *name)
{
	struct fd_writer *f = mem_new(struct fd_writer);

	f->writer = (struct writer){fd_writer_write, nothing_to_finish, fd_writer_free};
	f->fd = fd;
	f->own = own;
	f->name = str_dup(name);
	return &f->writer;
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

	c->writer = (struct writer){count_writer_write, count_writer_finish, count_writer_free};
	c->to = to;
	c->count = count;
	return &c->writer;
}
