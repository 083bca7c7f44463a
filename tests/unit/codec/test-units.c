/* SPDX-License-Identifier: Apache-2.0 */
/* Compressed units laid end to end, as in an initrd, read one by one. */
#include "check.h"

#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "buf-writer.h"
#include "codec/codec.h"

enum { OUT_MAX = 8 << 20, SIZE = 300000 };

static void add_unit(struct buf *to, enum codec codec, char c)
{
	struct buf_writer out = BUF_WRITER(to);
	CLEANUP(writer) struct writer *w = NULL;
	CLEANUP(free) char *bytes = mem_alloc(SIZE);
	struct werr *err = NULL;

	memset(bytes, c, SIZE);
	assert_ok(compress_writer_new(&out.writer, codec, 0, &w, &err), err);
	assert_ok(writer_write(w, bytes, SIZE, &err), err);
	assert_ok(writer_finish(w, &err), err);
}

static void check_unit(struct bytes *b, uint64_t at, char c, uint64_t *ret_used)
{
	CLEANUP(reader) struct reader *r = NULL;
	CLEANUP(free) char *bytes = NULL;
	struct werr *err = NULL;
	size_t size;

	assert_ok(decompress_unit_reader_new(
			  bytes_reader_new(b, at, b->size - at), "it", ret_used, &r, &err),
		err);
	assert_ok(reader_read_all(r, SIZE * 3, &bytes, &size, &err), err);
	assert_int_equal(size, SIZE);
	assert_int_equal(bytes[0], c);
	assert_int_equal(bytes[SIZE - 1], c);
}

static void test_each_codec(ATTR_UNUSED void **state)
{
	for (enum codec codec = CODEC_GZIP; codec < CODECS; codec++) {
		CLEANUP(buf) struct buf all = BUF_INIT(OUT_MAX);
		CLEANUP(bytes) struct bytes *b = NULL;
		uint64_t first, used, frame;

		add_unit(&all, codec, 'a');
		first = all.len;
		/* Zeros of a word, as lz4 needs them; then others, and no unit at all. */
		buf_fill(&all, 0, 4);
		add_unit(&all, codec, 'b');
		buf_puts(&all, "070701");
		b = bytes_of_memory(all.data, all.len);
		check_unit(b, 0, 'a', &used);
		assert_int_equal(used, first);
		check_unit(b, first + 4, 'b', &used);
		assert_int_equal(used, all.len - 6 - first - 4);
		assert_int_equal(codec_zstd_frame(b, first + 4, &frame), codec == CODEC_ZSTD);
		if (codec == CODEC_ZSTD)
			assert_int_equal(frame, used);
	}
}

/* Cut off anywhere, it is no frame. */
static void test_frames_that_end_early(ATTR_UNUSED void **state)
{
	CLEANUP(buf) struct buf all = BUF_INIT(OUT_MAX);
	uint64_t frame;

	add_unit(&all, CODEC_ZSTD, 'x');
	for (size_t n = 0; n < all.len; n++) {
		CLEANUP(bytes) struct bytes *b = bytes_of_memory(all.data, n);

		assert_false(codec_zstd_frame(b, 0, &frame));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_codec), cmocka_unit_test(test_frames_that_end_early)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
