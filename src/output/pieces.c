/* SPDX-License-Identifier: Apache-2.0 */
/* The pieces of all parts, as what outputs are made of. */
#include <stdlib.h>

#include "base/mem.h"
#include "output/piece.h"

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

uint64_t pieces_size(const struct pieces *p, enum piece_kind kind)
{
	uint64_t size = 0;

	for (size_t i = 0; i < p->n; i++)
		size += p->of[i][kind].size;
	return size;
}

struct reader *pieces_open(const struct pieces *p, enum piece_kind kind, uint64_t zeros)
{
	CLEANUP(free) struct io_range *ranges = mem_new_array(struct io_range, p->n);
	size_t n = 0;

	for (size_t i = 0; i < p->n; i++) {
		const struct piece *piece = &p->of[i][kind];

		if (piece->fd >= 0)
			ranges[n++] = (struct io_range){piece->fd, 0, piece->size};
	}
	return ranges_reader_new(ranges, n, zeros);
}
