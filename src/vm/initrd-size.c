/* SPDX-License-Identifier: Apache-2.0 */
#include "vm/initrd-size.h"

#include <sys/stat.h>

#include "archive/cpio-read.h"
#include "base/bytes.h"
#include "base/cancel.h"
#include "base/file.h"
#include "base/mem.h"
#include "codec/codec.h"

struct count {
	struct bytes *bytes;
	uint64_t at, found, max;
};

static struct reader *rest(const struct count *c)
{
	return bytes_reader_new(c->bytes, c->at, c->bytes->size - c->at);
}

static int count_archive(struct count *c, struct werr **err)
{
	uint64_t used = 0;
	size_t got = 1;
	CLEANUP(free) char *chunk = mem_alloc(IO_CHUNK);
	CLEANUP(reader) struct reader *unit = NULL;
	int r = decompress_unit_reader_new(rest(c), "the initrd", &used, &unit, err);

	while (r == 0 && got && c->found <= c->max) {
		r = reader_read(unit, chunk, IO_CHUNK, &got, err);
		c->found += r == 0 ? got : 0;
	}
	c->at = r == 0 && used ? c->at + used : c->bytes->size;
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
	uint64_t left = c->bytes->size - c->at, used = 0;
	CLEANUP(reader) struct reader *from = rest(c);

	if (cpio_read(from, skip_entry, NULL, &used, NULL) < 0 || !used || used > left)
		used = left;
	c->found += used;
	c->at += used;
	return cancel_check(err);
}

static int count_next(struct count *c, struct werr **err)
{
	char head[CODEC_HEAD] = {0};
	size_t got;
	int r = bytes_read_some(c->bytes, c->at, head, sizeof(head), &got, err);

	if (r < 0)
		return r;
	return codec_detect(head, sizeof(head)) ? count_archive(c, err) : count_plain(c, err);
}

int vm_initrd_size(const char *path, uint64_t max, uint64_t *ret, struct werr **err)
{
	CLEANUP(fd) int fd = -1;
	CLEANUP(bytes) struct bytes *bytes = NULL;
	struct count c = {.max = max};
	struct stat st;
	int r = file_open_seekable(path, &fd, err);

	if (r < 0)
		return r;
	bytes = bytes_of_range(&(struct io_range){.fd = fd,
				       .size = fstat(fd, &st) == 0 ? (uint64_t)st.st_size : 0},
		"the initrd");
	c.bytes = bytes;
	r = bytes_skip_zeros(bytes, 0, &c.at, err);
	while (r == 0 && c.at < bytes->size && c.found <= max) {
		r = count_next(&c, err);
		if (r == 0)
			r = bytes_skip_zeros(bytes, c.at, &c.at, err);
	}
	if (r == 0)
		*ret = c.found;
	return r;
}
