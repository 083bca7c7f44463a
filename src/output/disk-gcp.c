/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Google Cloud's images: a compressed tar with disk.raw, of whole gibibytes, in GNU tar's old
 * format, in which it is a file with holes.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "output/write.h"
#include "plan/content.h"
#include "tar/tar-sparse.h"

enum { GIB = 1 << 30, GAP = 4096 }; /* bytes; smaller gaps are not worth an entry */

/* What is not a hole: whole blocks. */
struct run {
	uint64_t at, end;
};
struct runs {
	struct run *items;
	size_t n, cap;
	uint64_t size; /* of all */
};

static void add_run(struct runs *runs, uint64_t at, uint64_t end)
{
	struct run *last = runs->n ? &runs->items[runs->n - 1] : NULL;

	if (last && at < last->end + GAP) {
		last->end = end;
		return;
	}
	mem_grow(&runs->items, runs->n, &runs->cap, sizeof(*runs->items));
	runs->items[runs->n++] = (struct run){at, end};
}

/* The file's map ends with an empty run at its end, when that is a hole. */
static void find_runs(const struct extents *d, uint64_t size, struct runs *ret)
{
	for (size_t i = 0; i < d->n; i++) {
		uint64_t end = d->items[i].at + d->items[i].size;

		add_run(ret, d->items[i].at / TAR_BLOCK * TAR_BLOCK, end + tar_padding(end));
	}
	for (size_t i = 0; i < ret->n; i++)
		ret->size += ret->items[i].end - ret->items[i].at;
	if (ret->n == 0 || ret->items[ret->n - 1].end < size) {
		mem_grow(&ret->items, ret->n, &ret->cap, sizeof(*ret->items));
		ret->items[ret->n++] = (struct run){size, size};
	}
}

/* ---- headers ---- */

static void put_number(char field[static 12], uint64_t value)
{
	if (!ustar_put_octal(field, 12, value))
		ustar_put_base256(field, 12, value);
}

/* How many of the runs there was room for. */
static size_t put_runs(struct tar_sparse_run *to, size_t room, const struct run *runs, size_t n)
{
	size_t i;

	for (i = 0; i < room && i < n; i++) {
		put_number(to[i].at, runs[i].at);
		put_number(to[i].size, runs[i].end - runs[i].at);
	}
	return i;
}

static int write_headers(
	const struct runs *runs, uint64_t size, struct writer *to, struct werr **err)
{
	struct ustar h;
	struct tar_sparse_head more = {0};
	size_t done = put_runs(more.runs, TAR_SPARSE_HEAD, runs->items, runs->n);
	int r;

	ustar_init(&h, TAR_SPARSE_TYPE, "disk.raw");
	put_number(h.size, runs->size);
	put_number(h.mtime, BUILD_TIME);
	memcpy((char *)&h + offsetof(struct ustar, magic), TAR_SPARSE_MAGIC,
		sizeof(TAR_SPARSE_MAGIC));
	more.is_continued = done < runs->n;
	put_number(more.size, size);
	memcpy((char *)&h + offsetof(struct ustar, prefix), &more, sizeof(more));
	ustar_set_checksum(&h);
	r = writer_write(to, &h, sizeof(h), err);
	while (r == 0 && done < runs->n) {
		struct tar_sparse_more block = {0};

		done += put_runs(block.runs, TAR_SPARSE_MORE, runs->items + done, runs->n - done);
		block.is_continued = done < runs->n;
		r = writer_write(to, &block, sizeof(block), err);
	}
	return r;
}

static int write_tar(const struct extents *d, uint64_t size, struct writer *to, struct werr **err)
{
	struct runs runs = {0};
	int r;

	find_runs(d, size, &runs);
	r = write_headers(&runs, size, to, err);
	for (size_t i = 0; r == 0 && i < runs.n; i++)
		r = extents_write(d, runs.items[i].at, runs.items[i].end, to, err);
	free(runs.items);
	return r < 0 ? r : writer_skip(to, TAR_END, err);
}

static int write_gcp(const struct extents *d, ATTR_UNUSED const struct disk_options *o,
	struct writer *to, struct werr **err)
{
	CLEANUP(writer) struct writer *gzip = NULL;
	char text[32];
	int r;

	if (d->size > INT64_MAX - GIB)
		return werr_set(
			err, WERR_LIMIT, "a file can't have %s", str_exact_size(text, d->size));
	r = compress_writer_new(to, CODEC_GZIP, 0, &gzip, err);
	if (r == 0)
		r = write_tar(d, (d->size + GIB - 1) / GIB * GIB, gzip, err);
	return r < 0 ? r : writer_finish(gzip, err);
}

const struct disk_format output_disk_gcp = {.name = "gcp", .unit = GIB, .write = write_gcp};
