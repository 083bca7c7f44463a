/* SPDX-License-Identifier: Apache-2.0 */
/* From pieces that are made by hand. */
#include "made-pieces.h"

#include <stdlib.h>

#include "buf-writer.h"
#include "output/write.h"

enum { OUT_MAX = 1 << 10 };

static void make_sample(struct made_pieces *s, enum codec codec, const int archives[MADE_PARTS],
	const int ucode[MADE_PARTS], const int cmdline[MADE_PARTS])
{
	made_pieces_init(s, codec);
	make_pieces(s, &encoding_initrd, archives, 'a');
	make_pieces(s, &encoding_ucode, ucode, 'u');
	make_pieces(s, &encoding_cmdline, cmdline, 'k');
}

/* The bytes of a file, with zeros as '0'; NULL: there is none. Owned by the caller. */
static char *written(const struct made_pieces *s, const struct output_file *file)
{
	CLEANUP(buf) struct buf out = BUF_INIT(OUT_MAX);
	struct buf_writer to = BUF_WRITER(&out);
	struct output_job job = made_job(s);
	struct werr *err = NULL;
	int r;

	job.file = file;
	r = output_write_file(&job, &to.writer, &err);

	assert_ok(r, err);
	assert_in_range(r, 0, OUTPUT_NONE);
	for (size_t i = 0; i < out.len; i++)
		if (!out.data[i])
			out.data[i] = '0';
	return r == OUTPUT_NONE ? NULL : str_dup(buf_str(&out));
}

#define NO_PIECES                \
	{                        \
		NONE, NONE, NONE \
	}

static const struct {
	const char *what;
	enum codec codec;
	int archives[MADE_PARTS], ucode[MADE_PARTS];
	const char *initrd;
} initrds[] = {
	{"archives end to end", CODEC_NONE, {4, 8, 4}, NO_PIECES, "aaaabbbbbbbbcccc"},
	{"zeros to four bytes at the end", CODEC_ZSTD, {3, 2, 1}, NO_PIECES, "aaabbc00"},
	{"three of them", CODEC_XZ, {5, NONE, NONE}, NO_PIECES, "aaaaa000"},
	{"one of them", CODEC_NONE, {NONE, 7, NONE}, NO_PIECES, "bbbbbbb0"},
	{"nothing after gzip", CODEC_GZIP, {3, 2, NONE}, NO_PIECES, "aaabb"},
	{"a word of zeros more after lz4", CODEC_LZ4, {3, 2, NONE}, NO_PIECES, "aaabb0000000"},
	{"also when it ends with a word", CODEC_LZ4, {4, NONE, NONE}, NO_PIECES, "aaaa0000"},
	{"a part without a piece", CODEC_ZSTD, {2, NONE, 2}, NO_PIECES, "aacc"},
	{"a piece without bytes", CODEC_ZSTD, {0, 4, 0}, NO_PIECES, "bbbb"},
	{"microcode first", CODEC_ZSTD, {4, NONE, NONE}, {4, NONE, NONE}, "uuuuaaaa"},
	{"of several the last", CODEC_ZSTD, {4, NONE, NONE}, {4, 8, NONE}, "vvvvvvvvaaaa"},
	{"which a compressed archive follows at once", CODEC_ZSTD, {4, NONE, NONE}, {3, NONE, NONE},
		"uuuaaaa"},
	{"and another one at a multiple of four bytes", CODEC_NONE, {4, NONE, NONE},
		{3, NONE, NONE}, "uuu0aaaa"},
	{"the zeros at the end do not count the microcode", CODEC_ZSTD, {3, NONE, NONE},
		{2, NONE, NONE}, "uuaaa0"},
};

static void test_an_initrd_is_its_archives_and_zeros_that_suit_the_codec(ATTR_UNUSED void **state)
{
	static const int none[MADE_PARTS] = NO_PIECES;

	for (size_t i = 0; i < ARRAY_SIZE(initrds); i++) {
		CLEANUP(made_pieces) struct made_pieces s = {.config = {0}};
		CLEANUP(free) char *text = NULL;

		make_sample(&s, initrds[i].codec, initrds[i].archives, initrds[i].ucode, none);
		text = written(&s, &(struct output_file){.layout = output_file_initrd});
		if (!str_eq(text, initrds[i].initrd))
			fail_msg("%s: %s and not %s", initrds[i].what, text, initrds[i].initrd);
	}
}

static void test_the_size_of_an_initrd_is_known_before_it_is_read(ATTR_UNUSED void **state)
{
	static const int none[MADE_PARTS] = NO_PIECES;

	for (size_t i = 0; i < ARRAY_SIZE(initrds); i++) {
		CLEANUP(made_pieces) struct made_pieces s = {.config = {0}};
		CLEANUP(reader) struct reader *r = NULL;
		CLEANUP(free) char *bytes = NULL;
		const struct output_job job = made_job(&s);
		struct werr *err = NULL;
		size_t size;

		make_sample(&s, initrds[i].codec, initrds[i].archives, initrds[i].ucode, none);
		r = output_open_initrd(&job);
		assert_ok(reader_read_all(r, OUT_MAX, &bytes, &size, &err), err);
		assert_int_equal(size, output_initrd_size(&job));
	}
}

static const struct {
	bool compat;
	int cmdline[MADE_PARTS];
	const char *text; /* NULL: there is no such file */
} cmdlines[] = {
	{false, {3, NONE, NONE}, "kkk"},
	{false, {3, NONE, 2}, "mm"},
	{false, {0, NONE, NONE}, ""},
	{false, NO_PIECES, NULL},
	{true, {3, NONE, NONE}, "kkk"},
	{true, {0, NONE, NONE}, NULL},
	{true, NO_PIECES, NULL},
};

static void test_an_empty_command_line_is_a_file_unless_it_is_linuxkits(ATTR_UNUSED void **state)
{
	static const int none[MADE_PARTS] = NO_PIECES;

	for (size_t i = 0; i < ARRAY_SIZE(cmdlines); i++) {
		CLEANUP(made_pieces)
		struct made_pieces s = {.config = {.compat = cmdlines[i].compat}};
		CLEANUP(free) char *text = NULL;

		make_sample(&s, CODEC_NONE, none, none, cmdlines[i].cmdline);
		text = written(&s, &(struct output_file){.write = output_write_cmdline});
		if (!cmdlines[i].text)
			assert_null(text);
		else
			assert_string_equal(text, cmdlines[i].text);
	}
}

static void test_what_was_not_encoded_has_no_piece(ATTR_UNUSED void **state)
{
	static const int none[MADE_PARTS] = NO_PIECES, some[MADE_PARTS] = {1, 1, 1};
	CLEANUP(made_pieces) struct made_pieces s = {.config = {0}};

	make_sample(&s, CODEC_NONE, some, none, none);
	assert_ptr_equal(pieces_last(&s.pieces, &encoding_initrd), &s.items[0][2]);
	assert_int_equal(pieces_size(&s.pieces, &encoding_initrd), 3);
	assert_null(pieces_last(&s.pieces, &encoding_ucode));
	assert_null(pieces_last(&s.pieces, &encoding_kernel));
	assert_int_equal(pieces_size(&s.pieces, &encoding_kernel), 0);
	assert_int_equal(output_write_piece(&s.pieces, &encoding_kernel, NULL, NULL), OUTPUT_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_initrd_is_its_archives_and_zeros_that_suit_the_codec),
		cmocka_unit_test(test_the_size_of_an_initrd_is_known_before_it_is_read),
		cmocka_unit_test(test_an_empty_command_line_is_a_file_unless_it_is_linuxkits),
		cmocka_unit_test(test_what_was_not_encoded_has_no_piece),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
