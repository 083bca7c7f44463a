/* SPDX-License-Identifier: Apache-2.0 */
#include "disk/disk-bytes.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { CHUNK = 64 << 10 };

struct disk_bytes {
	struct bytes bytes;
	struct disk_image image;
};

/* What part of sectors `first` on is wanted: at least a byte. */
static int read_chunk(const struct disk_bytes *d, uint64_t at, char *p, size_t size, char *chunk,
	struct werr **err)
{
	uint64_t first = at / DISK_SECTOR;
	size_t skip = (size_t)(at % DISK_SECTOR);
	size_t n = (skip + size + DISK_SECTOR - 1) / DISK_SECTOR;

	if (!disk_image_read_many(&d->image, first, n, chunk))
		return werr_set(err, WERR_CORRUPT, "sector %llu of the disk can't be read",
			(unsigned long long)first);
	memcpy(p, chunk + skip, size);
	return 0;
}

static int disk_bytes_read(struct bytes *b, uint64_t at, void *p, size_t size, struct werr **err)
{
	const struct disk_bytes *d = CONTAINER_OF(b, struct disk_bytes, bytes);
	CLEANUP(free) char *chunk = mem_alloc(CHUNK + 2 * DISK_SECTOR);
	char *to = p;
	int r = 0;

	while (r == 0 && size > 0) {
		size_t n = size < CHUNK ? size : CHUNK;

		r = read_chunk(d, at, to, n, chunk, err);
		at += n;
		to += n;
		size -= n;
	}
	return r;
}

static void disk_bytes_free(struct bytes *b)
{
	free(CONTAINER_OF(b, struct disk_bytes, bytes));
}

struct bytes *disk_bytes_new(const struct disk_image *i)
{
	struct disk_bytes *d = mem_new(struct disk_bytes);

	/* Whole sectors can be read. */
	d->bytes = (struct bytes){
		i->size / DISK_SECTOR * DISK_SECTOR, disk_bytes_read, disk_bytes_free};
	d->image = *i;
	return &d->bytes;
}
