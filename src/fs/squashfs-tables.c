/* SPDX-License-Identifier: Apache-2.0 */
/* The file that libsquashfs writes: the superblock in front of the files' bytes, tables behind. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "fs/squashfs-impl.h"

enum { TABLES_MAX = 1 << 30 };

static struct scratch *scratch_of(sqfs_file_t *file)
{
	return CONTAINER_OF(file, struct scratch, file);
}

static int read_at(ATTR_UNUSED sqfs_file_t *file, ATTR_UNUSED sqfs_u64 offset,
	ATTR_UNUSED void *buffer, ATTR_UNUSED size_t size)
{
	return SQFS_ERROR_UNSUPPORTED;
}

static int write_head(struct scratch *s, uint64_t offset, const void *buffer, size_t size)
{
	if (offset > sizeof(s->head) || size > sizeof(s->head) - offset)
		return SQFS_ERROR_OUT_OF_BOUNDS;
	memcpy(s->head + offset, buffer, size);
	if (s->tables_at == 0 && offset + size > s->head_size)
		s->head_size = offset + size;
	return 0;
}

static int write_at(sqfs_file_t *file, sqfs_u64 offset, const void *buffer, size_t size)
{
	struct scratch *s = scratch_of(file);
	uint64_t at = offset - s->tables_at;

	if (s->tables_at == 0 || offset < s->tables_at)
		return write_head(s, offset, buffer, size);
	if (at > s->n || size > TABLES_MAX - at)
		return SQFS_ERROR_OUT_OF_BOUNDS;
	if (at + size > s->cap) {
		s->cap = (at + size) * 2;
		s->tables = mem_resize(s->tables, s->cap, 1);
	}
	memcpy(s->tables + at, buffer, size);
	if (at + size > s->n)
		s->n = at + size;
	return 0;
}

static uint64_t end_of(const struct scratch *s)
{
	return s->tables_at ? s->tables_at + s->n : s->head_size;
}

static sqfs_u64 get_size(const sqfs_file_t *file)
{
	/* CONTAINER_OF takes const away; the file is the first member. */
	return end_of((const struct scratch *)(const void *)file);
}

static int cut(ATTR_UNUSED sqfs_file_t *file, ATTR_UNUSED sqfs_u64 size)
{
	return SQFS_ERROR_UNSUPPORTED;
}

void scratch_init(struct scratch *s)
{
	*s = (struct scratch){
		.file = {.read_at = read_at,
			.write_at = write_at,
			.get_size = get_size,
			.truncate = cut},
	};
}

void scratch_cleanup(struct scratch *s)
{
	free(s->tables);
}
