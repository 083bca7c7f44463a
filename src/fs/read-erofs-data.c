/* SPDX-License-Identifier: Apache-2.0 */
/* The data of an EROFS's inodes: as it is, and compressed by LZ4 (Linux, fs/erofs/zmap.c). */
#include <lz4.h>
#include <stdlib.h>
#include <string.h>

#include "base/endian.h"
#include "base/mem.h"
#include "fs/erofs-read-impl.h"

enum { FLAT = 0, FULL_INDEX = 1, INLINE = 2 };
enum {
	INDEX_HEADER = 16,
	LINE = 8,
	PLAIN = 0,
	HEAD = 1,
	NONHEAD = 2,
	COUNT = 1 << 11, /* in a first distance: it is the number of blocks */
	LINES = 512,     /* that are read at once */
	PACKED_MAX = 1 << 20,
	PLAIN_MAX = 16 << 20, /* of a run, unpacked */
};

struct bytes *erofs_plain_data(const struct erofs_image *e, const struct erofs_found *i)
{
	uint64_t block = erofs_block_size(e), blocks = i->size ? (i->size - 1) / block : 0;
	struct bytes_run runs[2] = {{(uint64_t)i->block << e->block_bits, i->size}, {0}};

	if (i->layout != FLAT && i->layout != INLINE)
		return NULL;
	/* The last block follows the inode, whole or not. */
	if (i->layout == INLINE) {
		runs[0].size = blocks * block;
		runs[1] = (struct bytes_run){i->behind, i->size - blocks * block};
	}
	return bytes_of_runs(e->bytes, runs, 2);
}

struct data_reader {
	struct reader reader;
	const struct erofs_image *image;
	struct erofs_found inode;
	struct bytes *plain; /* owned; NULL: it is compressed */
	uint64_t at;         /* how much was read of it */
	/* Lines of the index. */
	unsigned char lines[LINES * LINE];
	uint64_t first_line;
	size_t n_lines;
	/* The current run, unpacked. */
	char *run;
	uint64_t run_at, next; /* where it begins; the line behind the one where it does */
	size_t run_size;
};

static int broken(struct werr **err)
{
	return werr_set(err, WERR_CORRUPT, "the EROFS is broken: the index of a file");
}

/* *ret is NULL behind the last line. */
static int get_line(struct data_reader *d, uint64_t n, const unsigned char **ret, struct werr **err)
{
	uint64_t block = erofs_block_size(d->image);
	uint64_t lines = (d->inode.size + block - 1) / block;
	uint64_t start = (d->inode.behind + 7) / 8 * 8 + INDEX_HEADER;
	int r = 0;

	*ret = NULL;
	if (n >= lines)
		return 0;
	if (n < d->first_line || n >= d->first_line + d->n_lines) {
		uint64_t left = lines - n;

		d->n_lines = left < LINES ? (size_t)left : LINES;
		d->first_line = n;
		r = bytes_read(d->image->bytes, start + n * LINE, d->lines, d->n_lines * LINE, err);
	}
	if (r < 0)
		d->n_lines = 0;
	else
		*ret = d->lines + (n - d->first_line) * LINE;
	return r;
}

struct run {
	unsigned type;
	uint64_t at, end; /* in the file */
	uint64_t place;   /* in the image; bytes */
	uint32_t packed;
};

/* The run that begins in line n, and the line of the next one. */
static int find_run(
	struct data_reader *d, uint64_t n, struct run *ret, uint64_t *ret_next, struct werr **err)
{
	unsigned bits = d->image->block_bits;
	const unsigned char *line;
	int r = get_line(d, n, &line, err);

	if (r < 0 || !line)
		return r < 0 ? r : broken(err);
	*ret = (struct run){.type = le16_get(line) & 3, .packed = 1U << bits};
	ret->at = (n << bits) + le16_get(line + 2);
	ret->place = (uint64_t)le32_get(line + 4) << bits;
	ret->end = d->inode.size;
	for (*ret_next = n + 1;; ++*ret_next) {
		r = get_line(d, *ret_next, &line, err);
		if (r < 0 || !line)
			return r;
		if ((le16_get(line) & 3) != NONHEAD)
			break;
		if (*ret_next == n + 1 && le16_get(line + 4) & COUNT)
			ret->packed = (uint32_t)(le16_get(line + 4) & (COUNT - 1)) << bits;
	}
	ret->end = (*ret_next << bits) + le16_get(line + 2);
	return 0;
}

static int unpack(const char *packed, size_t size, char *to, size_t wanted, struct werr **err)
{
	size_t zeros = 0;

	/* The bytes are at the end of their blocks. */
	while (zeros < size && packed[zeros] == 0)
		zeros++;
	if (LZ4_decompress_safe_partial(packed + zeros, to, (int)(size - zeros), (int)wanted,
		    (int)wanted) != (int)wanted)
		return werr_set(err, WERR_CORRUPT, "the EROFS is broken: packed bytes of a file");
	return 0;
}

static int load_run(struct data_reader *d, struct werr **err)
{
	CLEANUP(free) char *packed = NULL;
	struct run run = {0};
	size_t size;
	int r = find_run(d, d->next, &run, &d->next, err);

	if (r < 0)
		return r;
	if (run.end > d->inode.size)
		run.end = d->inode.size;
	if (run.at != d->at || run.end <= run.at || run.end - run.at > PLAIN_MAX ||
		run.packed == 0 || run.packed > PACKED_MAX || run.type > HEAD)
		return broken(err);
	size = (size_t)(run.end - run.at);
	if (run.type == PLAIN && size > run.packed)
		return broken(err);
	free(d->run);
	d->run = mem_alloc(size);
	d->run_at = run.at;
	d->run_size = size;
	if (run.type == PLAIN)
		return bytes_read(d->image->bytes, run.place, d->run, size, err);
	packed = mem_alloc(run.packed);
	r = bytes_read(d->image->bytes, run.place, packed, run.packed, err);
	return r < 0 ? r : unpack(packed, run.packed, d->run, size, err);
}

static int read_packed(struct data_reader *d, void *p, size_t size, size_t *got, struct werr **err)
{
	int r = d->at == d->run_at + d->run_size ? load_run(d, err) : 0;
	uint64_t left;

	if (r < 0)
		return r;
	left = d->run_at + d->run_size - d->at;
	*got = size < left ? size : (size_t)left;
	memcpy(p, d->run + (d->at - d->run_at), *got);
	d->at += *got;
	return 0;
}

static int data_read(struct reader *r, void *p, size_t size, size_t *got, struct werr **err)
{
	struct data_reader *d = CONTAINER_OF(r, struct data_reader, reader);
	uint64_t left = d->inode.size - d->at;
	int res;

	*got = 0;
	if (left == 0)
		return 0;
	if (!d->plain && d->inode.layout != FULL_INDEX)
		return werr_set(err, WERR_UNSUPPORTED,
			"the file is packed in a way that only the kernel reads here");
	if (!d->plain)
		return read_packed(d, p, size, got, err);
	size = size < left ? size : (size_t)left;
	res = bytes_read(d->plain, d->at, p, size, err);
	if (res < 0)
		return res;
	d->at += size;
	*got = size;
	return 0;
}

static void data_free(struct reader *r)
{
	struct data_reader *d = CONTAINER_OF(r, struct data_reader, reader);

	bytes_free(d->plain);
	free(d->run);
	free(d);
}

struct reader *erofs_data_reader_new(const struct erofs_image *e, const struct erofs_found *i)
{
	struct data_reader *d = mem_new(struct data_reader);

	d->reader = (struct reader){data_read, data_free};
	d->image = e;
	d->inode = *i;
	d->plain = erofs_plain_data(e, i);
	return &d->reader;
}
