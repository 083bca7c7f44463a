/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "buf-writer.h"
#include "codec/codec.h"

enum { SAMPLE = 200001, OUT_MAX = 8 << 20 };

/* Fill p with noise and text in turn, from a fixed seed. */
static char *sample(void)
{
	char *p = mem_alloc(SAMPLE);
	uint32_t x = 1;

	for (size_t i = 0; i < SAMPLE; i++) {
		x = x * 1664525 + 1013904223;
		p[i] = i / 4096 % 2 ? (char)(x >> 24) : "the wherry "[i % 11];
	}
	return p;
}

/* Compress p, written in pieces of the given size, and append it. */
static void pack(
	struct buf *to, enum codec codec, int level, const char *p, size_t size, size_t piece)
{
	struct buf_writer out = BUF_WRITER(to);
	CLEANUP(writer) struct writer *w = NULL;
	struct werr *err = NULL;

	assert_ok(compress_writer_new(&out.writer, codec, level, &w, &err), err);
	for (size_t i = 0; i < size; i += piece)
		assert_ok(writer_write(w, p + i, size - i < piece ? size - i : piece, &err), err);
	assert_ok(writer_finish(w, &err), err);
	assert_int_equal(out.finished, 1);
}

/* A reader that returns few bytes at a time. */
struct slow_reader {
	struct reader reader;
	const char *p;
	size_t left, step;
};

static int slow_read(
	struct reader *r, void *p, size_t size, size_t *got, ATTR_UNUSED struct werr **err)
{
	struct slow_reader *s = CONTAINER_OF(r, struct slow_reader, reader);

	*got = size < s->step ? size : s->step;
	*got = *got < s->left ? *got : s->left;
	if (*got == 0)
		return 0;
	memcpy(p, s->p, *got);
	s->p += *got;
	s->left -= *got;
	return 0;
}

static void slow_free(ATTR_UNUSED struct reader *r)
{
}

static int unpack(
	const struct buf *from, size_t step, char **ret, size_t *ret_size, struct werr **err)
{
	struct slow_reader slow = {{slow_read, slow_free}, from->data, from->len, step};
	CLEANUP(reader) struct reader *r = NULL;
	int res = decompress_reader_new(&slow.reader, "layer", &r, err);

	return res < 0 ? res : reader_read_all(r, OUT_MAX, ret, ret_size, err);
}

static void assert_unpacks(const struct buf *from, size_t step, const char *p, size_t size)
{
	CLEANUP(free) char *text = NULL;
	struct werr *err = NULL;
	size_t got;

	assert_ok(unpack(from, step, &text, &got, &err), err);
	assert_int_equal(got, size);
	assert_memory_equal(text, p, size);
}

static void test_round_trip(ATTR_UNUSED void **state)
{
	CLEANUP(free) char *p = sample();
	static const struct {
		enum codec codec;
		int level;
	} ways[] = {{CODEC_NONE, 0}, {CODEC_GZIP, 0}, {CODEC_GZIP, 9}, {CODEC_ZSTD, 0},
		{CODEC_ZSTD, 12}};

	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		CLEANUP(buf)
		struct buf whole = BUF_INIT(OUT_MAX), pieces = BUF_INIT(OUT_MAX),
			   empty = BUF_INIT(OUT_MAX);

		pack(&whole, ways[i].codec, ways[i].level, p, SAMPLE, SAMPLE);
		pack(&pieces, ways[i].codec, ways[i].level, p, SAMPLE, 4093);
		assert_int_equal(whole.len, pieces.len);
		assert_memory_equal(whole.data, pieces.data, whole.len);
		assert_unpacks(&whole, SAMPLE, p, SAMPLE);
		assert_unpacks(&whole, 1, p, SAMPLE);
		assert_unpacks(&whole, 77, p, SAMPLE);
		pack(&empty, ways[i].codec, ways[i].level, p, 0, 1);
		assert_unpacks(&empty, 100, "", 0);
	}
}

/* Several members or frames in sequence are one stream. */
static void test_members(ATTR_UNUSED void **state)
{
	static const char skipped[] = "\x53\x2a\x4d\x18\x05\x00\x00\x00skip!";
	CLEANUP(free) char *p = sample();

	for (enum codec c = CODEC_GZIP; c <= CODEC_ZSTD; c++) {
		CLEANUP(buf) struct buf b = BUF_INIT(OUT_MAX);

		for (size_t at = 0, n = 1; at < SAMPLE; at += n, n = n * 3 + 1) {
			n = n < SAMPLE - at ? n : SAMPLE - at;
			if (c == CODEC_ZSTD)
				buf_add(&b, skipped, sizeof(skipped) - 1);
			pack(&b, c, 1, p + at, n, n);
			pack(&b, c, 1, p, 0, 1);
		}
		for (size_t step = 1; step < 40; step += 3)
			assert_unpacks(&b, step, p, SAMPLE);
		assert_unpacks(&b, SAMPLE, p, SAMPLE);
	}
}

static void test_gzip_header(ATTR_UNUSED void **state)
{
	static const char header[] = "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff";
	CLEANUP(buf) struct buf b = BUF_INIT(OUT_MAX);

	pack(&b, CODEC_GZIP, 0, "abc", 3, 3);
	assert_memory_equal(b.data, header, 10);
}

/*
 * A header with an extra field, a name, a comment and its own checksum, as other tools may write.
 */
static void test_foreign_gzip_header(ATTR_UNUSED void **state)
{
	static const char start[] = "\x1f\x8b\x08\x1c\x01\x02\x03\x04\x00\x03"
				    "\x04\x00"
				    "exranamed\0noted\0";
	CLEANUP(buf) struct buf plain = BUF_INIT(OUT_MAX), b = BUF_INIT(OUT_MAX);

	pack(&plain, CODEC_GZIP, 0, "abc", 3, 3);
	buf_add(&b, start, sizeof(start) - 1);
	buf_add(&b, plain.data + 10, plain.len - 10);
	for (size_t step = 1; step < 30; step++)
		assert_unpacks(&b, step, "abc", 3);
}

static void test_truncation_is_detected(ATTR_UNUSED void **state)
{
	CLEANUP(free) char *p = sample();

	for (enum codec c = CODEC_GZIP; c <= CODEC_ZSTD; c++) {
		CLEANUP(buf) struct buf b = BUF_INIT(OUT_MAX);

		pack(&b, c, 0, p, 5000, 5000);
		for (size_t n = 6; n < b.len; n++) {
			struct buf cut = {b.data, n, 0, 0, false};
			CLEANUP(free) char *text = NULL;
			struct werr *err = NULL;
			size_t got;

			assert_fails(unpack(&cut, 1000, &text, &got, &err), err, WERR_CORRUPT,
				"layer: the ");
		}
	}
}

static void test_damage(ATTR_UNUSED void **state)
{
	CLEANUP(free) char *p = sample();

	for (enum codec c = CODEC_GZIP; c <= CODEC_ZSTD; c++) {
		CLEANUP(buf) struct buf b = BUF_INIT(OUT_MAX), more = BUF_INIT(OUT_MAX);
		CLEANUP(free) char *text = NULL;
		struct werr *err = NULL;
		size_t got;

		pack(&b, c, 0, p, SAMPLE, SAMPLE);
		buf_add(&more, b.data, b.len);
		buf_puts(&more, "garbage after the end");
		assert_fails(unpack(&more, 4096, &text, &got, &err), err, WERR_CORRUPT, "broken");
		b.data[b.len / 2] ^= 1;
		assert_fails(unpack(&b, 4096, &text, &got, &err), err, WERR_CORRUPT, "broken");
	}
}

static struct {
	char head[CODEC_HEAD + 1];
	const char *name;
} named[] = {
	{"BZh91A", "bzip2"},
	{"BZh11A", "bzip2"},
	{"]\0\0\200\0", "lzma"},
	{"]\0\0\0\1", "lzma"},
	{"\4\42\115\30d@", "lz4"},
};

/* The first name of a tar may begin like a magic number. */
static void test_lookalikes_pass_through(ATTR_UNUSED void **state)
{
	static const char *const names[] = {"BZh", "BZhello", "]\0\0\0\0", "\4\42"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		char head[CODEC_HEAD + 1] = {0};

		memcpy(head, names[i], strlen(names[i]));
		assert_null(codec_detect(head, CODEC_HEAD));
	}
}

/* Windows that Go's encoder uses from levels 6 and 10, and the largest that zstd -d accepts. */
static void test_wide_windows(ATTR_UNUSED void **state)
{
	/* A window of 1 << (10 + byte / 8), and one block, raw and the last, of a byte. */
	static char frame[] = "\x28\xb5\x2f\xfd\x00\x70\x09\x00\x00x";

	for (char window = 13; window <= 17; window++) {
		struct buf b = {frame, 10, 0, 0, false};

		frame[5] = (char)(window * 8);
		assert_unpacks(&b, 3, "x", 1);
	}
}

static void test_refused(ATTR_UNUSED void **state)
{
	/* A frame header that asks for a window of 256 MiB. */
	static char wide[] = "\x28\xb5\x2f\xfd\x00\x90\x01\x00\x00";
	static char xz[] = "\xfd"
			   "7zXZ\0";
	struct buf wide_buf = {wide, 9, 0, 0, false}, xz_buf = {xz, 6, 0, 0, false};
	struct writer *w = NULL;
	struct werr *err = NULL;
	char *text = NULL;
	size_t got;

	assert_fails(unpack(&wide_buf, 100, &text, &got, &err), err, WERR_LIMIT, "128 MiB");
	assert_fails(unpack(&xz_buf, 100, &text, &got, &err), err, WERR_UNSUPPORTED, "xz");
	for (size_t i = 0; i < ARRAY_SIZE(named); i++) {
		struct buf b = {named[i].head, CODEC_HEAD, 0, 0, false};

		assert_fails(
			unpack(&b, 100, &text, &got, &err), err, WERR_UNSUPPORTED, named[i].name);
	}
	assert_fails(compress_writer_new(NULL, CODEC_GZIP, 10, &w, &err), err, WERR_USAGE,
		"gzip has no compression level 10, only 1 to 9");
}

/*
 * By default, the highest level uses a window that neither the kernel nor the reader would accept.
 */
static void test_highest_level(ATTR_UNUSED void **state)
{
	CLEANUP(free) char *p = sample();
	CLEANUP(buf) struct buf b = BUF_INIT(OUT_MAX);

	pack(&b, CODEC_ZSTD, 22, p, SAMPLE, SAMPLE);
	assert_unpacks(&b, SAMPLE, p, SAMPLE);
}

/*
 * The wide reader supports formats that the kernel does and layers do not. A second stream after
 * the first is read, too.
 */
static void test_for_kernels(ATTR_UNUSED void **state)
{
	static const struct {
		enum codec codec;
		int level;
		const char *begins;
		size_t n;
	} ways[] = {{CODEC_XZ, 0,
			    "\xfd"
			    "7zXZ\0\0\x01", /* the check is CRC32 */
			    8},
		{CODEC_XZ, 1, "\xfd", 1}, {CODEC_LZ4, 0, "\x02\x21\x4c\x18", 4},
		{CODEC_LZ4, 1, "\x02\x21\x4c\x18", 4}, {CODEC_LZ4, 12, "\x02", 1}};
	enum { SIZE = (8 << 20) + 5 }; /* more than lz4's block */
	CLEANUP(free) char *part = sample();
	CLEANUP(free) char *p = mem_alloc(SIZE + SAMPLE);

	for (size_t at = 0; at < SIZE; at += SAMPLE)
		memcpy(p + at, part, SAMPLE);
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		size_t size = i == 2 ? SIZE : SAMPLE, got = 0;
		CLEANUP(buf) struct buf b = BUF_INIT(OUT_MAX), other = BUF_INIT(OUT_MAX);
		CLEANUP(reader) struct reader *r = NULL;
		CLEANUP(free) char *text = NULL;
		struct werr *err = NULL;

		pack(&b, ways[i].codec, ways[i].level, p, size, size);
		pack(&other, ways[i].codec, ways[i].level, p, size, 4093);
		assert_int_equal(b.len, other.len);
		assert_memory_equal(b.data, other.data, b.len);
		assert_memory_equal(b.data, ways[i].begins, ways[i].n);
		pack(&b, ways[i].codec, ways[i].level, "more", 4, 4);
		assert_ok(decompress_wide_reader_new(
				  mem_reader_new(b.data, b.len), "initrd", &r, &err),
			err);
		assert_ok(reader_read_all(r, 2 * SIZE, &text, &got, &err), err);
		assert_int_equal(got, size + 4);
		assert_memory_equal(text, p, size);
		assert_memory_equal(text + size, "more", 4);
	}
}

static void test_names(ATTR_UNUSED void **state)
{
	static const struct {
		const char *text;
		enum codec codec;
		int level;
	} good[] = {{"zstd", CODEC_ZSTD, 3}, {"zstd:19", CODEC_ZSTD, 19}, {"gzip", CODEC_GZIP, 4},
		{"gzip:1", CODEC_GZIP, 1}, {"lz4", CODEC_LZ4, 9}, {"lz4:12", CODEC_LZ4, 12},
		{"xz:9", CODEC_XZ, 9}, {"none", CODEC_NONE, 0}};
	static const char *const bad[] = {"", "bzip2", "zst", "zstd3", "zstd:", "zstd:0", "zstd:23",
		"gzip:10", "gzip:fast", "gzip:-1", "xz:0", "none:1", "lz4:13"};
	struct compression c;

	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		assert_int_equal(codec_parse(good[i].text, &c, NULL), 0);
		assert_int_equal(c.codec, good[i].codec);
		assert_int_equal(c.level, good[i].level);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct werr *err = NULL;

		assert_fails(codec_parse(bad[i], &c, &err), err, WERR_USAGE, "'");
	}
	for (enum codec i = CODEC_NONE; i < CODECS; i++)
		assert_int_equal(codec_library(i) != NULL, *codec_version(i) != 0);
}

static int failing_read(ATTR_UNUSED struct reader *r, ATTR_UNUSED void *p, ATTR_UNUSED size_t size,
	ATTR_UNUSED size_t *got, struct werr **err)
{
	return werr_set(err, WERR_DENIED, "the source failed");
}

static void test_source_fails(ATTR_UNUSED void **state)
{
	struct reader source = {failing_read, slow_free};
	struct reader *r = NULL;
	struct werr *err = NULL;

	assert_fails(decompress_reader_new(&source, "x", &r, &err), err, WERR_DENIED, "source");
	assert_null(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_members),
		cmocka_unit_test(test_gzip_header),
		cmocka_unit_test(test_foreign_gzip_header),
		cmocka_unit_test(test_truncation_is_detected),
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_lookalikes_pass_through),
		cmocka_unit_test(test_wide_windows),
		cmocka_unit_test(test_highest_level),
		cmocka_unit_test(test_for_kernels),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_source_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
