/* SPDX-License-Identifier: Apache-2.0 */
/* The pieces of all parts, as what outputs are made of. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "build/piece.h"

const struct piece *pieces_last(const struct pieces *p, enum piece_kind kind)
{
	for (size_t i = p->n; i-- > 0;)
		if (p->of[i][kind].fd >= 0)
			return &p->of[i][kind];
	return NULL;
}

struct reader *piece_open(const struct piece *p)
{
	return range_reader_new(p->fd, false, "a piece", 0, p->size);
}

/* One piece after the other, then zeros. */
struct pieces_reader {
	struct reader reader, *current;
	const struct pieces *pieces;
	enum piece_kind kind;
	size_t next;
	uint64_t zeros;
};

static uint64_t bytes_of(const struct pieces *p, enum piece_kind kind)
{
	uint64_t size = 0;

	for (size_t i = 0; i < p->n; i++)
		size += p->of[i][kind].size;
	return size;
}

static uint64_t zeros_behind(uint64_t size, unsigned align)
{
	return (align - size % align) % align;
}

static int read_zeros(struct pieces_reader *p, void *to, size_t size, size_t *got)
{
	*got = p->zeros < size ? (size_t)p->zeros : size;
	memset(to, 0, *got);
	p->zeros -= *got;
	return 0;
}

static int pieces_reader_read(
	struct reader *r, void *to, size_t size, size_t *got, struct werr **err)
{
	struct pieces_reader *p = CONTAINER_OF(r, struct pieces_reader, reader);

	for (;;) {
		int res = p->current ? reader_read(p->current, to, size, got, err) : 0;

		if (res < 0 || (p->current && *got > 0))
			return res;
		if (p->current)
			reader_free(STEAL(p->current));
		while (p->next < p->pieces->n && p->pieces->of[p->next][p->kind].fd < 0)
			p->next++;
		if (p->next == p->pieces->n)
			return read_zeros(p, to, size, got);
		p->current = piece_open(&p->pieces->of[p->next++][p->kind]);
	}
}

static void pieces_reader_free(struct reader *r)
{
	struct pieces_reader *p = CONTAINER_OF(r, struct pieces_reader, reader);

	if (p->current)
		reader_free(p->current);
	free(p);
}

struct reader *pieces_open(const struct pieces *p, enum piece_kind kind, unsigned align)
{
	struct pieces_reader *r = mem_new(struct pieces_reader);

	r->reader = (struct reader){pieces_reader_read, pieces_reader_free};
	r->pieces = p;
	r->kind = kind;
	r->zeros = zeros_behind(bytes_of(p, kind), align);
	return &r->reader;
}

uint64_t pieces_size(const struct pieces *p, enum piece_kind kind, unsigned align)
{
	uint64_t size = bytes_of(p, kind);

	return size + zeros_behind(size, align);
}
