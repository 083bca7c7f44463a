/* SPDX-License-Identifier: Apache-2.0 */
#include "vm/initrd-size.h"

#include <sys/stat.h>

#include "archive/cpio-read.h"
#include "base/cancel.h"
#include "base/file.h"
#include "base/mem.h"
#include "codec/codec.h"

struct count {
	int fd;
	uint64_t at, size; /* of the file */
	uint64_t found, max;
	char *chunk; /* IO_CHUNK bytes */
};

/* Zeros lie between archives. */
static int skip_zeros(struct count *c, struct werr **err)
{
	while (c->at < c->size) {
		uint64_t left = c->size - c->at;
		size_t n = left < IO_CHUNK ? (size_t)left : IO_CHUNK, i = 0;
		int r = fd_read_at(c->fd, "the initrd", c->at, c->chunk, n, err);

		if (r == 0)
			r = cancel_check(err);
		if (r < 0)
			return r;
		while (i < n && !c->chunk[i])
			i++;
		c->at += i;
		if (i < n)
			return 0;
	}
	return 0;
}

static int count_archive(struct count *c, struct werr **err)
{
	uint64_t used = 0;
	size_t got = 1;
	CLEANUP(reader) struct reader *unit = NULL;
	int r = decompress_unit_reader_new(
		fd_range_reader_new(c->fd, "the initrd", c->at, c->size - c->at), "the initrd",
		&used, &unit, err);

	while (r == 0 && got && c->found <= c->max) {
		r = reader_read(unit, c->chunk, IO_CHUNK, &got, err);
		c->found += r == 0 ? got : 0;
	}
	c->at = r == 0 && used ? c->at + used : c->size;
	return r;
}

static int skip_entry(ATTR_UNUSED const struct fill_entry *e, ATTR_UNUSED struct reader *content,
	ATTR_UNUSED void *ctx, ATTR_UNUSED struct werr **err)
{
	return 0;
}

/* What is not compressed: archives, as of microcode, behind which may come others; or all. */
static int count_plain(struct count *c, struct werr **err)
{
	uint64_t left = c->size - c->at, used = 0;
	CLEANUP(reader)
	struct reader *from = fd_range_reader_new(c->fd, "the initrd", c->at, left);

	if (cpio_read(from, skip_entry, NULL, &used, NULL) < 0 || !used || used > left)
		used = left;
	c->found += used;
	c->at += used;
	return cancel_check(err);
}

static int count_next(struct count *c, struct werr **err)
{
	char head[CODEC_HEAD] = {0};
	uint64_t left = c->size - c->at;
	size_t n = left < sizeof(head) ? (size_t)left : sizeof(head);
	int r = fd_read_at(c->fd, "the initrd", c->at, head, n, err);

	if (r < 0)
		return r;
	return codec_detect(head, sizeof(head)) ? count_archive(c, err) : count_plain(c, err);
}

int vm_initrd_size(const char *path, uint64_t max, uint64_t *ret, struct werr **err)
{
	CLEANUP(fd) int fd = -1;
	CLEANUP(free) char *chunk = mem_alloc(IO_CHUNK);
	struct count c = {.max = max, .chunk = chunk};
	struct stat st;
	int r = file_open_seekable(path, &fd, err);

	if (r < 0)
		return r;
	c.fd = fd;
	c.size = fstat(fd, &st) == 0 ? (uint64_t)st.st_size : 0;
	r = skip_zeros(&c, err);
	while (r == 0 && c.at < c.size && c.found <= max) {
		r = count_next(&c, err);
		if (r == 0)
			r = skip_zeros(&c, err);
	}
	if (r == 0)
		*ret = c.found;
	return r;
}
