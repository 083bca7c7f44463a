/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The end of a packed part's index: segments whose results another part can take, each with the
 * digest of its input. A record is that digest, where the result is, `size` with WHOLE when it is
 * all of its file, `stored`, `tail_size`, the number of units, and the units.
 */
#include <string.h>

#include "base/cancel.h"
#include "base/endian.h"
#include "fs/index.h"

enum { HEAD = SHA256_SIZE + 8 + 4 * 4 };

static const uint32_t WHOLE = (uint32_t)1 << 31;

int index_set_corrupt(struct werr **err)
{
	return werr_set(err, WERR_CORRUPT, "the index of a packed part is damaged");
}

int index_places_read(const struct io_range *packed, struct index_places *ret, struct werr **err)
{
	unsigned char end[INDEX_TRAILER];
	uint64_t rest = packed->size - INDEX_TRAILER;
	int r;

	if (packed->size < INDEX_TRAILER)
		return index_set_corrupt(err);
	r = fd_read_at(packed->fd, "a packed part", packed->offset + rest, end, sizeof(end), err);
	if (r < 0)
		return r;
	ret->index = le64_get(end);
	ret->segments = le64_get(end + 8);
	if (memcmp(end + 16, INDEX_MAGIC, sizeof(end) - 16) != 0 || ret->index > rest ||
		ret->segments > rest - ret->index)
		return index_set_corrupt(err);
	ret->data = rest - ret->index - ret->segments;
	return 0;
}

/* What is more than the list can hold is only compressed again. */
void index_add_segment(struct buf *segments, const struct fs_segment *s, uint64_t at)
{
	size_t size = HEAD + (size_t)s->n_units * 4;
	char *p = buf_reserve(segments, size);
	bool is_whole = s->is_first && s->is_last;

	if (!p)
		return;
	memcpy(p, s->digest, SHA256_SIZE);
	p += SHA256_SIZE;
	le64_put(p, at);
	le32_put(p + 8, s->size | (is_whole ? WHOLE : 0));
	le32_put(p + 12, s->stored);
	le32_put(p + 16, s->tail_size);
	le32_put(p + 20, s->n_units);
	for (uint32_t i = 0; i < s->n_units; i++)
		le32_put(p + 24 + (size_t)i * 4, s->units[i]);
	segments->len += size;
}

static bool is_sound(
	const struct fs_segment *s, uint64_t at, const struct packed_format *f, uint64_t data)
{
	uint64_t room = ((uint64_t)s->size + FS_BLOCK - 1) / FS_BLOCK * FS_BLOCK;
	uint64_t stored = (uint64_t)s->stored + s->tail_size;

	return s->size <= f->segment && stored <= room && at <= data && stored <= data - at &&
	       s->n_units <= FS_SEGMENT_UNITS;
}

/* How many bytes the record has: *ret_size. */
static int read_segment(struct reader *from, uint64_t left, struct fs_segment *ret,
	uint64_t *ret_at, uint64_t *ret_size, struct werr **err)
{
	unsigned char head[HEAD], units[FS_SEGMENT_UNITS * 4], *p = head + SHA256_SIZE;
	uint32_t size;
	int r = left >= HEAD ? reader_read_full(from, head, HEAD, err) : index_set_corrupt(err);

	if (r < 0)
		return r;
	size = le32_get(p + 8);
	*ret_at = le64_get(p);
	*ret = (struct fs_segment){.is_first = size & WHOLE,
		.is_last = size & WHOLE,
		.size = size & ~WHOLE,
		.stored = le32_get(p + 12),
		.tail_size = le32_get(p + 16),
		.n_units = le32_get(p + 20)};
	memcpy(ret->digest, head, SHA256_SIZE);
	if (ret->n_units > FS_SEGMENT_UNITS || (left - HEAD) / 4 < ret->n_units)
		return index_set_corrupt(err);
	r = reader_read_full(from, units, (size_t)ret->n_units * 4, err);
	for (uint32_t i = 0; r == 0 && i < ret->n_units; i++)
		ret->units[i] = le32_get(units + (size_t)i * 4);
	*ret_size = HEAD + (uint64_t)ret->n_units * 4;
	return r;
}

int packed_memo_add_part(struct packed_memo *m, const struct packed_format *f,
	const struct io_range *packed, struct werr **err)
{
	CLEANUP(reader) struct reader *from = NULL;
	struct index_places places;
	int r = index_places_read(packed, &places, err);
	int fd = r == 0 ? packed_memo_file(m, packed->fd) : -1;

	if (r < 0)
		return r;
	from = fd_range_reader_new(packed->fd, "a packed part",
		packed->offset + places.data + places.index, places.segments);
	for (uint64_t left = places.segments; r == 0 && left > 0;) {
		uint64_t at = 0, size = 0;
		struct fs_segment s = {0};

		r = cancel_check(err);
		if (r == 0)
			r = read_segment(from, left, &s, &at, &size, err);
		if (r == 0 && !is_sound(&s, at, f, places.data))
			r = index_set_corrupt(err);
		if (r == 0)
			packed_memo_add(m, f, &s, fd, packed->offset + at);
		left -= size;
	}
	return r;
}
