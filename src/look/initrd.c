/* SPDX-License-Identifier: Apache-2.0 */
/* Unpacking an initrd: its units, of which each is an archive, compressed or not. */
#include <stdlib.h>
#include <string.h>

#include "archive/cpio-read.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/pool.h"
#include "codec/codec.h"
#include "look/look-impl.h"
#include "look/roster.h"

enum { BATCH = 256 };

struct unpacking {
	struct bytes *bytes;
	struct fill *to;
	const struct look_initrd_options *options;
	uint64_t at;
	struct look_unit *units;
	size_t n, cap;
};

static struct look_sources *sources_of(const struct unpacking *u)
{
	return u->options->with_contents ? NULL : u->options->sources;
}

/* A fill_visit. */
static int add_entry(
	const struct fill_entry *e, struct reader *content, void *ctx, struct werr **err)
{
	struct unpacking *u = ctx;
	int r = fill_add(e, content, u->to, err);

	if (r == 0 && sources_of(u))
		look_sources_note(sources_of(u), fill_last_file(u->to));
	return r;
}

static void add_unit(struct unpacking *u, const char *codec, uint64_t at, uint64_t size)
{
	mem_grow(&u->units, u->n, &u->cap, sizeof(*u->units));
	u->units[u->n++] = (struct look_unit){codec, at, size};
}

/* ---- what is unpacked ---- */

/* Counts what a decoder gives, which is bounded. */
struct counted {
	struct reader reader, *from;
	uint64_t packed, unpacked;
};

static int counted_read(struct reader *r, void *p, size_t size, size_t *got, struct werr **err)
{
	struct counted *c = CONTAINER_OF(r, struct counted, reader);
	int res = reader_read(c->from, p, size, got, err);

	if (res < 0)
		return res;
	c->unpacked += *got;
	return io_is_bomb(c->packed, c->unpacked) ? io_bomb_error("it", err) : 0;
}

static void counted_free(ATTR_UNUSED struct reader *r)
{
}

/* A unit of at most `size` bytes, from `from`, which it takes; *ret_used: how many it has. */
static int read_unit(struct reader *from, uint64_t size, fill_visit *visit, void *ctx,
	uint64_t *ret_used, struct werr **err)
{
	CLEANUP(reader) struct reader *unit = NULL;
	struct counted counted = {{counted_read, counted_free}, NULL, size, 0};
	uint64_t used = 0;
	int r = decompress_unit_reader_new(from, "the initrd", &used, &unit, err);

	counted.from = unit;
	if (r == 0)
		r = cpio_read(&counted.reader, visit, ctx, ret_used, err);
	if (r == 0 && !used)
		return 0;
	/* What follows the archive in the unit is not looked at by the kernel either. */
	if (r == 0)
		r = reader_drain(&counted.reader, err);
	*ret_used = used;
	return r;
}

int look_read_unit(struct bytes *b, uint64_t at, uint64_t size, fill_visit *visit, void *ctx,
	struct werr **err)
{
	uint64_t used;

	return read_unit(bytes_reader_new(b, at, size), size, visit, ctx, &used, err);
}

/* ---- frames of zstd, by several threads ---- */

struct batch {
	struct bytes *bytes;
	struct store *store;
	struct look_unit units[BATCH];
	const struct look_unit *order[BATCH];
	struct fill_list lists[BATCH];
	struct digest keys[BATCH]; /* "": it has none */
	size_t n;
};

static int by_size(const void *a, const void *b)
{
	uint64_t x = (*(const struct look_unit *const *)a)->size,
		 y = (*(const struct look_unit *const *)b)->size;

	return (x < y) - (x > y);
}

/* The largest first: the last one must not be what all wait for. */
static void put_in_order(struct batch *b)
{
	for (size_t i = 0; i < b->n; i++)
		b->order[i] = &b->units[i];
	qsort(b->order, b->n, sizeof(b->order[0]), by_size);
}

/* What is not the same as when its key was found has none. */
static int read_and_keep(struct batch *b, size_t i, struct store_code *code, struct werr **err)
{
	const struct look_unit *u = &b->units[i];
	struct reader *from = roster_reader_new(b->bytes, u->at, u->size, code);
	struct digest *key = &b->keys[i], now;
	uint64_t used;
	int r = read_unit(from, u->size, fill_list_add, &b->lists[i], &used, err);

	store_code_key(code, &now);
	if (r == 0 && digest_eq(&now, key))
		roster_keep(b->store, key, &b->lists[i]);
	else
		*key = (struct digest){0};
	return r;
}

static int read_frame(void *ctx, size_t n, struct werr **err)
{
	struct batch *b = ctx;
	const struct look_unit *u = b->order[n];
	size_t i = (size_t)(u - b->units);
	CLEANUP(store_code) struct store_code *code = NULL;

	if (b->store && u->size >= ROSTER_MIN)
		code = roster_code_new(b->store);
	if (!code || !roster_key(b->store, b->bytes, u->at, u->size, &b->keys[i]))
		return look_read_unit(b->bytes, u->at, u->size, fill_list_add, &b->lists[i], err);
	if (roster_find(b->store, &b->keys[i], &b->lists[i]))
		return 0;
	return read_and_keep(b, i, code, err);
}

/* As many frames as there are in a row. */
static int find_frames(struct unpacking *u, struct batch *b, struct werr **err)
{
	uint64_t size;
	int r = 0;

	while (r == 0 && b->n < BATCH && codec_zstd_frame(u->bytes, u->at, &size)) {
		b->units[b->n++] = (struct look_unit){codec_name(CODEC_ZSTD), u->at, size};
		add_unit(u, codec_name(CODEC_ZSTD), u->at, size);
		r = bytes_skip_zeros(u->bytes, u->at + size, &u->at, err);
	}
	return r;
}

static int add_frame(struct unpacking *u, const struct batch *b, size_t i, struct werr **err)
{
	const struct look_unit *unit = &b->units[i];

	if (sources_of(u))
		look_sources_add(sources_of(u), b->bytes, unit->at, unit->size, true)->id =
			b->keys[i];
	return fill_list_visit(&b->lists[i], add_entry, u, err);
}

static int read_frames(struct unpacking *u, bool *ret_any, struct werr **err)
{
	CLEANUP(free) struct batch *b = mem_new(struct batch);
	int r;

	b->bytes = u->bytes;
	b->store = u->options->store;
	r = find_frames(u, b, err);
	*ret_any = b->n > 0;
	put_in_order(b);
	if (r == 0)
		r = pool_run(0, b->n, read_frame, b, err);
	for (size_t i = 0; i < b->n; i++) {
		if (r == 0)
			r = add_frame(u, b, i, err);
		fill_list_cleanup(&b->lists[i]);
	}
	return r;
}

/* ---- all units ---- */

static int read_next(struct unpacking *u, struct werr **err)
{
	uint64_t start = u->at, used = 0, left = u->bytes->size - start;
	char head[CODEC_HEAD];
	const char *codec = NULL;
	size_t got = 0;
	int r = bytes_read_some(u->bytes, start, head, sizeof(head), &got, err);

	if (r == 0)
		codec = codec_detect(head, got);
	if (r == 0 && sources_of(u))
		look_sources_add(sources_of(u), u->bytes, start, left, true);
	if (r == 0)
		r = read_unit(
			bytes_reader_new(u->bytes, start, left), left, add_entry, u, &used, err);
	if (r < 0)
		return r;
	if (used == 0 || used > left)
		return werr_set(err, WERR_CORRUPT, "the initrd is broken at byte %llu",
			(unsigned long long)start);
	add_unit(u, codec, start, used);
	u->at = start + used;
	return 0;
}

static int unpack(struct unpacking *u, struct werr **err)
{
	int r = 0;

	while (r == 0) {
		bool any = false;

		r = bytes_skip_zeros(u->bytes, u->at, &u->at, err);
		if (r < 0 || u->at >= u->bytes->size)
			return r;
		if (!u->options->with_contents)
			r = read_frames(u, &any, err);
		if (r == 0 && !any)
			r = read_next(u, err);
	}
	return r;
}

int look_initrd(struct bytes *b, struct fill *to, const struct look_initrd_options *o,
	struct look_unit **units, size_t *n_units, struct werr **err)
{
	struct unpacking u = {.bytes = b, .to = to, .options = o};
	int r = unpack(&u, err);

	if (r < 0 || !units) {
		free(u.units);
		return r;
	}
	*units = u.units;
	*n_units = u.n;
	return 0;
}
