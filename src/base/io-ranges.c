/* SPDX-License-Identifier: Apache-2.0 */
/* A reader of parts of files, end to end. */
#include "base/io.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct ranges_reader {
	struct reader reader, *current;
	struct io_range *ranges;
	size_t n, next;
	uint64_t zeros;
};

static int read_zeros(struct ranges_reader *r, void *p, size_t size, size_t *got)
{
	*got = r->zeros < size ? (size_t)r->zeros : size;
	memset(p, 0, *got);
	r->zeros -= *got;
	return 0;
}

static int ranges_reader_read(
	struct reader *base, void *p, size_t size, size_t *got, struct werr **err)
{
	struct ranges_reader *r = CONTAINER_OF(base, struct ranges_reader, reader);

	for (;;) {
		int res = r->current ? reader_read(r->current, p, size, got, err) : 0;

		if (res < 0 || (r->current && *got > 0))
			return res;
		if (r->current)
			reader_free(STEAL(r->current));
		if (r->next == r->n)
			return read_zeros(r, p, size, got);

		const struct io_range *next = &r->ranges[r->next++];

		r->current = fd_range_reader_new(next->fd, "a part", next->offset, next->size);
	}
}

static void ranges_reader_free(struct reader *base)
{
	struct ranges_reader *r = CONTAINER_OF(base, struct ranges_reader, reader);

	if (r->current)
		reader_free(r->current);
	free(r->ranges);
	free(r);
}

struct reader *ranges_reader_new(const struct io_range *ranges, size_t n, uint64_t zeros)
{
	struct ranges_reader *r = mem_new(struct ranges_reader);

	r->reader = (struct reader){ranges_reader_read, ranges_reader_free};
	r->ranges = mem_new_array(struct io_range, n);
	if (n)
		memcpy(r->ranges, ranges, n * sizeof(*ranges));
	r->n = n;
	r->zeros = zeros;
	return &r->reader;
}
