/* SPDX-License-Identifier: Apache-2.0 */
/* The spool: one unnamed file that holds the contents of all files of a tree. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cancel.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "tree/tree-impl.h"

enum { BUFFER = 128 * 1024, SMALL_HOLE = 4096 };

int spool_new(const char *dir, struct spool **ret, struct werr **err)
{
	struct spool *s;
	int fd = -1, r = dir ? file_open_unnamed(dir, &fd, err) : 0;

	if (r < 0)
		return r;
	s = mem_new(struct spool);
	s->fd = fd;
	s->dir = str_dup(dir);
	s->buffer = mem_alloc(BUFFER);
	*ret = s;
	return 0;
}

void spool_free(struct spool *s)
{
	if (!s)
		return;
	if (s->fd >= 0)
		close(s->fd);
	free(s->dir);
	free(s->buffer);
	free(s);
}

static int write_failed(const struct spool *s, int errnum, struct werr **err)
{
	int r = werr_errno(err, errnum, "can't write to a file in %s", s->dir);

	werr_hint(err, "images are unpacked into a file in %s, which needs more space", s->dir);
	return r;
}

static int write_at(
	const struct spool *s, const char *p, size_t size, uint64_t offset, struct werr **err)
{
	while (size > 0 && s->fd >= 0) {
		ssize_t n = pwrite(s->fd, p, size, (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return write_failed(s, errno, err);
		p += n;
		size -= (size_t)n;
		offset += (uint64_t)n;
	}
	return 0;
}

static int write_held(struct spool *s, struct werr **err)
{
	int r;

	if (s->held == 0)
		return 0;
	r = write_at(s, s->buffer, s->held, s->size - s->held, err);
	if (r == 0) {
		s->held = 0;
		s->hole_at_end = false;
	}
	return r;
}

static int check_size(const struct spool *s, uint64_t more, struct werr **err)
{
	if (more > TREE_SPOOL_MAX - s->size)
		return werr_set(err, WERR_LIMIT, "the files together are larger than %u GiB",
			(unsigned)(TREE_SPOOL_MAX >> 30));
	return 0;
}

int spool_add(struct spool *s, const void *p, size_t size, struct werr **err)
{
	int r = check_size(s, size, err);

	if (r == 0 && size > BUFFER - s->held)
		r = write_held(s, err);
	if (r == 0 && size >= BUFFER)
		r = write_at(s, p, size, s->size, err);
	if (r < 0)
		return r;
	if (size < BUFFER) {
		memcpy(s->buffer + s->held, p, size);
		s->held += size;
	} else {
		s->hole_at_end = false;
	}
	s->size += size;
	return 0;
}

int spool_add_all(struct spool *s, struct reader *from, struct werr **err)
{
	for (;;) {
		size_t got = 0;
		int r = s->held == BUFFER ? write_held(s, err) : cancel_check(err);

		if (r == 0)
			r = reader_read(from, s->buffer + s->held, BUFFER - s->held, &got, err);
		if (r == 0)
			r = check_size(s, got, err);
		if (r < 0 || got == 0)
			return r;
		s->held += got;
		s->size += got;
	}
}

int spool_add_hole(struct spool *s, uint64_t n, struct werr **err)
{
	static const char zeros[SMALL_HOLE];
	int r;

	if (n <= SMALL_HOLE)
		return spool_add(s, zeros, (size_t)n, err);
	r = check_size(s, n, err);
	if (r == 0)
		r = write_held(s, err);
	if (r < 0)
		return r;
	s->size += n;
	s->hole_at_end = true;
	return 0;
}

int spool_flush(struct spool *s, struct werr **err)
{
	int r = write_held(s, err);

	if (r < 0)
		return r;
	if (s->hole_at_end && s->fd >= 0 && ftruncate(s->fd, (off_t)s->size) < 0)
		return write_failed(s, errno, err);
	s->hole_at_end = false;
	return 0;
}
