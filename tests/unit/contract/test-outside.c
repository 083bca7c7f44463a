/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "contract/outside.h"

/* ---- frames ---- */

static void bytes_come_back(ATTR_UNUSED void **state)
{
	static const enum outside_kind kinds[] = {OUTSIDE_IN, OUTSIDE_OUT, OUTSIDE_ERR};
	static const char bytes[] = "\0\n\033[2J\"}\377";

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		CLEANUP(buf) struct buf line = BUF_INIT(1000);
		CLEANUP(outside_frame) struct outside_frame f = OUTSIDE_FRAME_INIT;

		outside_frame_add_bytes(&line, kinds[i], bytes, sizeof(bytes));
		assert_int_equal(strcspn(line.data, "\n"), line.len - 1);
		assert_true(outside_frame_parse(line.data, line.len - 1, &f));
		assert_int_equal(f.kind, kinds[i]);
		assert_int_equal(f.bytes.len, sizeof(bytes));
		assert_memory_equal(f.bytes.data, bytes, sizeof(bytes));
	}
}

static void numbers_come_back(ATTR_UNUSED void **state)
{
	CLEANUP(buf) struct buf size = BUF_INIT(1000), taken = BUF_INIT(1000);
	CLEANUP(outside_frame) struct outside_frame f = OUTSIDE_FRAME_INIT;

	outside_frame_add_size(&size, 24, 80);
	assert_string_equal(buf_str(&size), "{\"size\":\"24x80\"}\n");
	assert_true(outside_frame_parse(size.data, size.len - 1, &f));
	assert_int_equal(f.kind, OUTSIDE_SIZE);
	assert_int_equal(f.rows, 24);
	assert_int_equal(f.columns, 80);
	outside_frame_add_taken(&taken, 65536);
	assert_true(outside_frame_parse(taken.data, taken.len - 1, &f));
	assert_int_equal(f.kind, OUTSIDE_TAKEN);
	assert_int_equal(f.taken, 65536);
}

static void other_lines_are_no_frames(ATTR_UNUSED void **state)
{
	static const char *const lines[] = {"", "{", "{\"in\":\"", "{\"in\":\"\"", "{\"in\":\"a\"}",
		"{\"in\": \"\"}", "{\"size\":\"24\"}", "{\"size\":\"x\"}", "{\"size\":\"1x65536\"}",
		"{\"size\":\"-1x1\"}", "{\"taken\":\"\"}", "{\"taken\":\"1x\"}",
		"{\"taken\":\"99999999999999999999999999999999999999999\"}", "{\"do\":\"list\"}",
		"{\"end\":\"1\"}", "\"}"};

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		CLEANUP(outside_frame) struct outside_frame f = OUTSIDE_FRAME_INIT;

		if (outside_frame_parse(lines[i], strlen(lines[i]), &f))
			fail_msg("%s was taken", lines[i]);
		assert_int_equal(f.bytes.len, 0);
	}
}

static void too_many_bytes_are_no_frame(ATTR_UNUSED void **state)
{
	CLEANUP(free) char *much = mem_alloc(OUTSIDE_DATA_MAX + 1);

	memset(much, 'x', OUTSIDE_DATA_MAX + 1);
	for (size_t i = 0; i < 2; i++) {
		CLEANUP(buf) struct buf line = BUF_INIT(1 << 20);
		CLEANUP(outside_frame) struct outside_frame f = OUTSIDE_FRAME_INIT;

		outside_frame_add_bytes(&line, OUTSIDE_IN, much, OUTSIDE_DATA_MAX + i);
		assert_int_equal(outside_frame_parse(line.data, line.len - 1, &f), i == 0);
	}
}

/* ---- the owner's side ---- */

static void add_line(void *ctx, char *line, size_t size)
{
	assert_int_equal(strlen(line), size);
	buf_printf(ctx, "[%s]", line);
}

static void feed(struct outside_reader *r, const char *text, size_t step, struct buf *got)
{
	for (size_t at = 0, size = strlen(text); at < size; at += step)
		outside_reader_add(
			r, text + at, size - at < step ? size - at : step, add_line, got);
}

static void only_the_answer_is_read(ATTR_UNUSED void **state)
{
	for (size_t step = 1; step < 40; step++) {
		CLEANUP(outside_reader) struct outside_reader r = OUTSIDE_READER_INIT;
		CLEANUP(buf) struct buf got = BUF_INIT(1000);
		CLEANUP(free) char *text = NULL;

		outside_reader_expect(&r);
		text = str_printf(
			"of another\n{\"begin\":\"7\"}\nx\n{\"end\":\"7\"}\n{\"end\":\"%s\"}\n"
			"half\n{\"begin\":\"%s\"}\none\n\ntwo\n{\"end\":\"7\"}\n"
			"{\"end\":\"%s\"}\nlate\n",
			r.id, r.id, r.id);
		feed(&r, text, step, &got);
		assert_string_equal(buf_str(&got), "[one][two][{\"end\":\"7\"}]");
		assert_true(r.ended);
	}
}

static void each_request_has_its_own_answer(ATTR_UNUSED void **state)
{
	CLEANUP(outside_reader) struct outside_reader r = OUTSIDE_READER_INIT;
	CLEANUP(buf) struct buf got = BUF_INIT(1000);
	CLEANUP(free) char *first = NULL, *text = NULL;

	outside_reader_expect(&r);
	first = str_dup(r.id);
	outside_reader_expect(&r);
	assert_string_not_equal(first, r.id);
	text = str_printf("{\"begin\":\"%s\"}\nold\n{\"end\":\"%s\"}\n{\"begin\":\"%s\"}\nnew\n",
		first, first, r.id);
	feed(&r, text, 5, &got);
	assert_string_equal(buf_str(&got), "[new]");
	assert_false(r.ended);
}

static void a_line_that_is_too_long_is_left_out(ATTR_UNUSED void **state)
{
	CLEANUP(outside_reader) struct outside_reader r = OUTSIDE_READER_INIT;
	CLEANUP(buf) struct buf got = BUF_INIT(1000);
	CLEANUP(free) char *begin = NULL, *much = mem_alloc(OUTSIDE_ANSWER_MAX + 2);

	memset(much, 'x', OUTSIDE_ANSWER_MAX + 1);
	much[OUTSIDE_ANSWER_MAX + 1] = 0;
	outside_reader_expect(&r);
	begin = str_printf("{\"begin\":\"%s\"}\n", r.id);
	feed(&r, begin, 100, &got);
	feed(&r, much, 1 << 16, &got);
	assert_true(r.in.len <= OUTSIDE_ANSWER_MAX);
	feed(&r, "x\nshort\n", 100, &got);
	assert_string_equal(buf_str(&got), "[short]");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_come_back),
		cmocka_unit_test(numbers_come_back),
		cmocka_unit_test(other_lines_are_no_frames),
		cmocka_unit_test(too_many_bytes_are_no_frame),
		cmocka_unit_test(only_the_answer_is_read),
		cmocka_unit_test(each_request_has_its_own_answer),
		cmocka_unit_test(a_line_that_is_too_long_is_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
