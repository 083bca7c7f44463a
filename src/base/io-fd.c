/* SPDX-License-Identifier: Apache-2.0 */
/* Readers and writers of descriptors. */
#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cancel.h"
#include "base/mem.h"
#include "base/str.h"

/*
 * Another process (ssh, node.js) may have made an inherited descriptor O_NONBLOCK, and would notice
 * if it were changed here.
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

bool fd_make_hole(int fd, uint64_t n)
{
	enum { HOLE_MIN = 4096 }; /* a block of most file systems */
	off_t at = lseek(fd, 0, SEEK_CUR), end;
	struct stat st;

	if (n < HOLE_MIN || at < 0 || fcntl(fd, F_GETFL) & O_APPEND)
		return false;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || at < st.st_size)
		return false;
	return !__builtin_add_overflow(at, n, &end) && ftruncate(fd, end) == 0 &&
	       lseek(fd, end, SEEK_SET) == end;
}

struct fd_reader {
	struct reader reader;
	int fd;
	enum fd_owner owner;
	bool ranged;
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
		/* A reader of a terminal or a pipe must notice Ctrl-C. */
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

	if (f->owner == FD_OWNED)
		close(f->fd);
	free(f->name);
	free(f);
}

static struct fd_reader *reader_of_fd(int fd, enum fd_owner owner, const char *name)
{
	struct fd_reader *f = mem_new(struct fd_reader);

	f->reader.read = fd_reader_read;
	f->reader.free = fd_reader_free;
	f->fd = fd;
	f->owner = owner;
	f->name = str_dup(name);
	return f;
}

struct reader *fd_reader_new(int fd, enum fd_owner owner, const char *name)
{
	return &reader_of_fd(fd, owner, name)->reader;
}

struct reader *fd_range_reader_new(int fd, const char *name, uint64_t offset, uint64_t size)
{
	struct fd_reader *f = reader_of_fd(fd, FD_LENT, name);

	f->ranged = true;
	f->offset = offset;
	f->left = size;
	return &f->reader;
}

int fd_read_at(int fd, const char *name, uint64_t offset, void *p, size_t size, struct werr **err)
{
	CLEANUP(reader) struct reader *r = fd_range_reader_new(fd, name, offset, size);

	return reader_read_full(r, p, size, err);
}

struct fd_writer {
	struct writer writer;
	int fd;
	enum fd_owner owner;
	char *name;
};

static int fd_writer_write(struct writer *w, const void *p, size_t size, struct werr **err)
{
	struct fd_writer *f = CONTAINER_OF(w, struct fd_writer, writer);
	int r = fd_write_all(f->fd, p, size);

	return r < 0 ? werr_errno(err, -r, "can't write %s", f->name) : 0;
}

static int fd_writer_skip(struct writer *w, uint64_t n, struct werr **err)
{
	struct fd_writer *f = CONTAINER_OF(w, struct fd_writer, writer);

	errno = 0;
	if (fd_make_hole(f->fd, n))
		return 0;
	/* Zeros would fill the disk before they reach the end that it can't have. */
	if (errno == EFBIG)
		return werr_errno(err, errno, "can't write %s", f->name);
	return writer_fill(w, 0, n, err);
}

/*
 * The kernel copies it. Where it can't (from or to a pipe, to another file system, with O_APPEND,
 * beyond the part's end), reading and writing can, or says why not.
 */
static int fd_writer_add_range(struct writer *w, struct io_range *left, struct werr **err)
{
	struct fd_writer *f = CONTAINER_OF(w, struct fd_writer, writer);
	enum { STEP = 1 << 20 }; /* a larger one takes as long */

	while (left->size > 0) {
		off_t from = (off_t)left->offset;
		size_t size = left->size < STEP ? (size_t)left->size : STEP;
		int r = cancel_check(err);
		ssize_t n;

		if (r < 0)
			return r;
		n = copy_file_range(left->fd, &from, f->fd, NULL, size, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		left->offset += (uint64_t)n;
		left->size -= (uint64_t)n;
	}
	return 0;
}

static int nothing_to_finish(ATTR_UNUSED struct writer *w, ATTR_UNUSED struct werr **err)
{
	return 0;
}

static void fd_writer_free(struct writer *w)
{
	struct fd_writer *f = CONTAINER_OF(w, struct fd_writer, writer);

	if (f->owner == FD_OWNED)
		close(f->fd);
	free(f->name);
	free(f);
}

struct writer *fd_writer_new(int fd, enum fd_owner owner, const char *name)
{
	struct fd_writer *f = mem_new(struct fd_writer);

	f->writer = (struct writer){fd_writer_write, nothing_to_finish, fd_writer_free,
		fd_writer_skip, fd_writer_add_range};
	f->fd = fd;
	f->owner = owner;
	f->name = str_dup(name);
	return &f->writer;
}

int fd_random(void *p, size_t size)
{
	ssize_t n = getrandom(p, size, 0);
	CLEANUP(fd) int fd = -1;

	/* Linux has it since 3.17. */
	if (n < 0 && errno == ENOSYS) {
		fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
		n = fd < 0 ? -1 : read(fd, p, size);
	}
	return n == (ssize_t)size ? 0 : n < 0 ? -errno : -EIO;
}
