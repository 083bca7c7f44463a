/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file that libsquashfs works on: it reads blocks back to compare them, cuts off what it has
 * already, and writes the superblock, which comes first, at the end.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "fs/squashfs-impl.h"

static struct scratch *scratch_of(sqfs_file_t *file)
{
	return CONTAINER_OF(file, struct scratch, file);
}

static int fail(struct scratch *s, int errnum)
{
	s->errnum = errnum;
	return SQFS_ERROR_IO;
}

static int read_at(sqfs_file_t *file, sqfs_u64 offset, void *buffer, size_t size)
{
	struct scratch *s = scratch_of(file);

	if (offset > s->size || size > s->size - offset)
		return SQFS_ERROR_OUT_OF_BOUNDS;
	if (fd_read_at(s->fd, "", offset, buffer, size, NULL) < 0)
		return fail(s, EIO);
	return 0;
}

static int write_at(sqfs_file_t *file, sqfs_u64 offset, const void *buffer, size_t size)
{
	struct scratch *s = scratch_of(file);
	const char *p = buffer;

	for (size_t done = 0; done < size;) {
		ssize_t n = pwrite(s->fd, p + done, size - done, (off_t)(offset + done));

		if (n < 0 && errno != EINTR)
			return fail(s, errno);
		done += n > 0 ? (size_t)n : 0;
	}
	if (offset + size > s->size)
		s->size = offset + size;
	return 0;
}

static sqfs_u64 get_size(const sqfs_file_t *file)
{
	/* CONTAINER_OF takes const away; the file is the first member. */
	return ((const struct scratch *)(const void *)file)->size;
}

static int cut(sqfs_file_t *file, sqfs_u64 size)
{
	struct scratch *s = scratch_of(file);

	if (ftruncate(s->fd, (off_t)size) < 0)
		return fail(s, errno);
	s->size = size;
	return 0;
}

int scratch_open(struct scratch *s, const char *dir, struct werr **err)
{
	*s = (struct scratch){
		.file = {.read_at = read_at,
			.write_at = write_at,
			.get_size = get_size,
			.truncate = cut},
		.fd = -1,
		.dir = dir,
	};
	return file_open_unnamed(dir, &s->fd, err);
}

void scratch_cleanup(struct scratch *s)
{
	fd_cleanup(&s->fd);
}
