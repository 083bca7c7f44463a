/* SPDX-License-Identifier: Apache-2.0 */
/* Which blocks of a disk are in its file, and the tables that say where. */
#include <string.h>

#include "base/cancel.h"
#include "base/mem.h"
#include "disk/disk-impl.h"

enum { TABLE_PART = 64 << 10 }; /* bytes of a table that are made at once */

static void add_run(struct disk_runs *r, uint64_t first, uint64_t end)
{
	struct disk_run *last = r->n ? &r->items[r->n - 1] : NULL;

	/* The last block of one extent may be the first of the next. */
	if (last && first <= last->end) {
		r->blocks += end - last->end;
		last->end = end;
		return;
	}
	mem_grow(&r->items, r->n, &r->cap, sizeof(*r->items));
	r->items[r->n++] = (struct disk_run){first, end};
	r->blocks += end - first;
}

void disk_runs_find(const struct extents *d, uint64_t block, struct disk_runs *ret)
{
	*ret = (struct disk_runs){.block = block};
	for (size_t i = 0; i < d->n; i++) {
		const struct extent *e = &d->items[i];

		add_run(ret, e->at / block, disk_divide_up(e->at + e->size, block));
	}
}

void disk_runs_add(struct disk_runs *r, uint64_t block)
{
	add_run(r, block, block + 1);
}

bool disk_cursor_used(struct disk_cursor *c, uint64_t first, uint64_t end)
{
	const struct disk_runs *r = c->runs;

	while (c->run < r->n && r->items[c->run].end <= first)
		c->run++;
	return c->run < r->n && r->items[c->run].first < end;
}

int disk_write_table(struct disk_cursor c, disk_entry *put, uint64_t n, size_t size,
	struct writer *to, struct werr **err)
{
	CLEANUP(free) unsigned char *part = mem_alloc(TABLE_PART);
	uint64_t skipped = 0;
	int r = 0;

	for (uint64_t i = 0; r == 0 && i < n;) {
		size_t used = 0;

		memset(part, 0, TABLE_PART);
		for (; i < n && used + size <= TABLE_PART; i++, used += size)
			put(&c, i, part + used);
		r = cancel_check(err);
		if (r < 0 || io_is_zeros(part, used)) {
			skipped += used;
			continue;
		}
		r = writer_skip(to, skipped, err);
		if (r == 0)
			r = writer_write(to, part, used, err);
		skipped = 0;
	}
	return r < 0 ? r : writer_skip(to, skipped, err);
}
