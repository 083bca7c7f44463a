/* SPDX-License-Identifier: Apache-2.0 */
#include "pkg/unpack.h"

#include <lzma.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "tree/codec.h"

enum {
	XZ_MEMORY_MAX = 80 << 20, /* what xz -9 needs, the most that dpkg-deb writes */
	XZ_MAGIC = 6,
};

struct xz_reader {
	struct reader base;
	struct reader *from;
	char *name;
	lzma_stream stream;
	bool at_end; /* of `from` */
	uint8_t buffer[IO_CHUNK];
};

static int fill(struct xz_reader *x, struct werr **err)
{
	size_t got = 0;
	int r;

	if (x->stream.avail_in > 0 || x->at_end)
		return 0;
	r = reader_read(x->from, x->buffer, sizeof(x->buffer), &got, err);
	x->stream.next_in = x->buffer;
	x->stream.avail_in = got;
	x->at_end = got == 0;
	return r;
}

static int xz_read(struct reader *base, void *p, size_t size, size_t *got, struct werr **err)
{
	struct xz_reader *x = CONTAINER_OF(base, struct xz_reader, base);
	lzma_ret result = LZMA_OK;

	x->stream.next_out = p;
	x->stream.avail_out = size;
	while (x->stream.avail_out == size && result == LZMA_OK) {
		int r = fill(x, err);

		if (r < 0)
			return r;
		result = lzma_code(&x->stream, x->at_end ? LZMA_FINISH : LZMA_RUN);
	}
	*got = size - x->stream.avail_out;
	if (result == LZMA_OK || result == LZMA_STREAM_END)
		return 0;
	if (result == LZMA_MEMLIMIT_ERROR)
		return werr_set(
			err, WERR_LIMIT, "%s: needs too much memory to be unpacked", x->name);
	return werr_set(err, WERR_CORRUPT, "%s: broken xz stream", x->name);
}

static void xz_free(struct reader *base)
{
	struct xz_reader *x = CONTAINER_OF(base, struct xz_reader, base);

	lzma_end(&x->stream);
	reader_free(x->from);
	free(x->name);
	free(x);
}

/* Takes over from, also on failure. */
static int xz_reader_new(
	struct reader *from, const char *name, struct reader **ret, struct werr **err)
{
	struct xz_reader *x = mem_new(struct xz_reader);

	x->base = (struct reader){.read = xz_read, .free = xz_free};
	x->from = from;
	x->name = str_dup(name);
	x->stream = (lzma_stream)LZMA_STREAM_INIT;
	if (lzma_stream_decoder(&x->stream, XZ_MEMORY_MAX, LZMA_CONCATENATED) != LZMA_OK) {
		xz_free(&x->base);
		return werr_set(err, WERR_FAILED, "%s: the xz decoder does not start", name);
	}
	*ret = &x->base;
	return 0;
}

int unpack_reader_new(int fd, const char *name, uint64_t offset, uint64_t size, struct reader **ret,
	struct werr **err)
{
	static const char magic[XZ_MAGIC] = {(char)0xfd, '7', 'z', 'X', 'Z', 0};
	struct reader *from;
	char first[XZ_MAGIC] = {0};

	if (size >= XZ_MAGIC) {
		CLEANUP(reader)
		struct reader *peek = range_reader_new(fd, false, name, offset, XZ_MAGIC);
		int r = reader_read_full(peek, first, sizeof(first), err);

		if (r < 0)
			return r;
	}
	from = range_reader_new(fd, false, name, offset, size);
	return memcmp(first, magic, sizeof(magic)) == 0
		       ? xz_reader_new(from, name, ret, err)
		       : decompress_reader_new(from, name, ret, err);
}
