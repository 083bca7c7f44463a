/* SPDX-License-Identifier: Apache-2.0 */
#include "disk/extents.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void extents_cleanup(struct extents *d)
{
	for (size_t i = 0; i < d->n_memory; i++)
		free(d->memory[i]);
	free(d->memory);
	free(d->items);
	*d = (struct extents){0};
}

static uint64_t end_of(const struct extent *e)
{
	return e->at + e->size;
}

/* The index of the first extent that ends beyond an offset; n: none does. */
static size_t first_beyond(const struct extents *d, uint64_t offset)
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

static int beyond(const struct extents *d, uint64_t at, uint64_t size, struct werr **err)
{
	return werr_set(err, WERR_LIMIT,
		"%" PRIu64 " bytes at %" PRIu64 " are beyond the end at %" PRIu64, size, at,
		d->size);
}

static int add(struct extents *d, const struct extent *e, struct werr **err)
{
	size_t i = first_beyond(d, e->at);

	if (e->size > d->size || e->at > d->size - e->size)
		return beyond(d, e->at, e->size, err);
	if (e->size == 0)
		return 0;
	if (i < d->n && d->items[i].at < end_of(e))
		return werr_set(err, WERR_EXISTS,
			"%" PRIu64 " bytes at %" PRIu64 " overlap those at %" PRIu64, e->size,
			e->at, d->items[i].at);
	mem_grow(&d->items, d->n, &d->cap, sizeof(*d->items));
	memmove(&d->items[i + 1], &d->items[i], (d->n - i) * sizeof(*d->items));
	d->items[i] = *e;
	d->n++;
	return 0;
}

int extents_add_range(
	struct extents *d, uint64_t at, const struct io_range *range, struct werr **err)
{
	return add(d, &(struct extent){.at = at, .size = range->size, .range = *range}, err);
}

int extents_add_bytes(
	struct extents *d, uint64_t at, const void *bytes, size_t size, struct werr **err)
{
	return add(d, &(struct extent){.at = at, .size = size, .bytes = bytes}, err);
}

void *extents_alloc(struct extents *d, size_t size)
{
	mem_grow(&d->memory, d->n_memory, &d->cap_memory, sizeof(*d->memory));
	return d->memory[d->n_memory++] = mem_alloc(size);
}

int extents_add(struct extents *d, uint64_t at, const struct extents *from, struct werr **err)
{
	int r = 0;

	if (from->size > d->size || at > d->size - from->size)
		return beyond(d, at, from->size, err);
	for (size_t i = 0; r == 0 && i < from->n; i++) {
		struct extent item = from->items[i];

		item.at += at;
		r = add(d, &item, err);
	}
	return r;
}

int extents_move(struct extents *d, uint64_t at, struct extents *from, struct werr **err)
{
	int r = extents_add(d, at, from, err);

	if (r < 0)
		return r;
	for (size_t i = 0; i < from->n_memory; i++) {
		mem_grow(&d->memory, d->n_memory, &d->cap_memory, sizeof(*d->memory));
		d->memory[d->n_memory++] = STEAL(from->memory[i]);
	}
	extents_cleanup(from);
	return 0;
}

/* n bytes of an extent from its `skipped`th on. */
static int write_extent(
	const struct extent *e, uint64_t skipped, uint64_t n, struct writer *w, struct werr **err)
{
	CLEANUP(reader) struct reader *r = NULL;

	if (!e->bytes)
		return writer_add_range(
			w, &(struct io_range){e->range.fd, e->range.offset + skipped, n}, err);
	r = mem_reader_new((const char *)e->bytes + skipped, (size_t)n);
	return io_copy(r, w, NULL, err);
}

int extents_write(
	const struct extents *d, uint64_t from, uint64_t to, struct writer *w, struct werr **err)
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

int extents_read(const struct extents *d, uint64_t at, void *ret, size_t size, struct werr **err)
{
	uint64_t end = at + size;
	int r = 0;

	memset(ret, 0, size);
	for (size_t i = first_beyond(d, at); r == 0 && i < d->n && d->items[i].at < end; i++) {
		const struct extent *e = &d->items[i];
		uint64_t from = e->at > at ? e->at : at, to = end_of(e) < end ? end_of(e) : end;
		uint64_t skipped = from - e->at;
		unsigned char *p = (unsigned char *)ret + (from - at);

		if (e->bytes)
			memcpy(p, (const char *)e->bytes + skipped, (size_t)(to - from));
		else
			r = fd_read_at(e->range.fd, "a part of the disk", e->range.offset + skipped,
				p, (size_t)(to - from), err);
	}
	return r;
}
