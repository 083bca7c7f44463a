/* SPDX-License-Identifier: Apache-2.0 */
#include "disk/disk.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "disk/disk-impl.h"

void disk_cleanup(struct disk *d)
{
	free(d->items);
	*d = (struct disk){0};
}

static uint64_t end_of(const struct extent *e)
{
	return e->at + e->size;
}

/* The index of the first extent that ends beyond an offset; n: none does. */
static size_t first_beyond(const struct disk *d, uint64_t offset)
{
	size_t low = 0, high = d->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (end_of(&d->items[middle]) > offset)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

static int add(struct disk *d, const struct extent *e, struct werr **err)
{
	size_t i = first_beyond(d, e->at);

	if (e->size > d->size || e->at > d->size - e->size)
		return werr_set(err, WERR_LIMIT,
			"%" PRIu64 " bytes at %" PRIu64 " are beyond the disk's end at %" PRIu64,
			e->size, e->at, d->size);
	if (e->size == 0)
		return 0;
	if (i < d->n && d->items[i].at < end_of(e))
		return werr_set(err, WERR_EXISTS,
			"%" PRIu64 " bytes at %" PRIu64 " of the disk overlap those at %" PRIu64,
			e->size, e->at, d->items[i].at);
	mem_grow(&d->items, d->n, &d->cap, sizeof(*d->items));
	memmove(&d->items[i + 1], &d->items[i], (d->n - i) * sizeof(*d->items));
	d->items[i] = *e;
	d->n++;
	return 0;
}

int disk_add_range(struct disk *d, uint64_t at, const struct io_range *range, struct werr **err)
{
	return add(d, &(struct extent){.at = at, .size = range->size, .range = *range}, err);
}

int disk_add_bytes(struct disk *d, uint64_t at, const void *bytes, size_t size, struct werr **err)
{
	return add(d, &(struct extent){.at = at, .size = size, .bytes = bytes}, err);
}

/* ---- for the formats ---- */

int disk_whole_size(const struct disk *d, uint64_t *ret, struct werr **err)
{
	if (d->size > INT64_MAX - DISK_SECTOR)
		return werr_set(err, WERR_LIMIT, "a file can't have %" PRIu64 " bytes", d->size);
	*ret = (d->size + DISK_SECTOR - 1) / DISK_SECTOR * DISK_SECTOR;
	return 0;
}

/* n bytes of an extent from its `skipped`th on. */
static int write_extent(
	const struct extent *e, uint64_t skipped, uint64_t n, struct writer *w, struct werr **err)
{
	CLEANUP(reader) struct reader *r = NULL;

	if (e->bytes)
		r = mem_reader_new((const char *)e->bytes + skipped, (size_t)n);
	else
		r = fd_range_reader_new(
			e->range.fd, "a part of the disk", e->range.offset + skipped, n);
	return io_copy(r, w, NULL, err);
}

int disk_write_part(
	const struct disk *d, uint64_t from, uint64_t to, struct writer *w, struct werr **err)
{
	int r = 0;

	for (size_t i = first_beyond(d, from); r == 0 && i < d->n && d->items[i].at < to; i++) {
		const struct extent *e = &d->items[i];
		uint64_t begin = e->at > from ? e->at : from;
		uint64_t end = end_of(e) < to ? end_of(e) : to;

		r = writer_skip(w, begin - from, err);
		if (r == 0)
			r = write_extent(e, begin - e->at, end - begin, w, err);
		from = end;
	}
	return r < 0 ? r : writer_skip(w, to - from, err);
}

/* ---- the formats ---- */

static int write_raw(const struct disk *d, struct writer *to, struct werr **err)
{
	uint64_t size = 0;
	int r = disk_whole_size(d, &size, err);

	return r < 0 ? r : disk_write_part(d, 0, size, to, err);
}

const struct disk_format disk_raw = {"raw", write_raw};

const struct disk_format *disk_format_find(const char *name)
{
	static const struct disk_format *const formats[] = {&disk_raw, &disk_qcow2};

	for (size_t i = 0; i < ARRAY_SIZE(formats); i++)
		if (str_eq(formats[i]->name, name))
			return formats[i];
	return NULL;
}
