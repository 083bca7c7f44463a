/* SPDX-License-Identifier: Apache-2.0 */
/* Laying out what comes one behind the other, in as few extents as possible. */
#include "fs/fs-impl.h"

static int put_last(struct fs_placer *p, struct werr **err)
{
	const struct extent *e = &p->last;
	int r;

	if (e->size == 0)
		return 0;
	p->to->size = e->at + e->size;
	if (e->bytes)
		r = extents_add_bytes(p->to, e->at, e->bytes, (size_t)e->size, err);
	else
		r = extents_add_range(p->to, e->at, &e->range, err);
	p->last = (struct extent){0};
	return r;
}

int fs_place_range(struct fs_placer *p, const struct io_range *range, struct werr **err)
{
	struct extent *e = &p->last;
	bool goes_on = e->size > 0 && !e->bytes && e->range.fd == range->fd &&
		       e->at + e->size == p->at && e->range.offset + e->range.size == range->offset;
	int r = 0;

	if (range->size == 0)
		return 0;
	if (!goes_on)
		r = put_last(p, err);
	if (goes_on) {
		e->size += range->size;
		e->range.size += range->size;
	} else {
		*e = (struct extent){.at = p->at, .size = range->size, .range = *range};
	}
	p->at += range->size;
	return r;
}

int fs_place_bytes(struct fs_placer *p, const void *bytes, size_t size, struct werr **err)
{
	struct extent *e = &p->last;
	bool goes_on = e->size > 0 && e->bytes && e->at + e->size == p->at &&
		       (const char *)e->bytes + e->size == (const char *)bytes;
	int r = 0;

	if (size == 0)
		return 0;
	if (!goes_on)
		r = put_last(p, err);
	if (goes_on)
		e->size += size;
	else
		*e = (struct extent){.at = p->at, .size = size, .bytes = bytes};
	p->at += size;
	return r;
}

int fs_place_at(struct fs_placer *p, uint64_t at, struct werr **err)
{
	int r = at == p->at ? 0 : put_last(p, err);

	p->at = at;
	return r;
}

int fs_place_end(struct fs_placer *p, struct werr **err)
{
	int r = put_last(p, err);

	p->to->size = (p->at + FS_BLOCK - 1) / FS_BLOCK * FS_BLOCK;
	return r;
}
