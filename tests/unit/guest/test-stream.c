/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "log/lines.h"
#include "log/stream.h"

static int make_env(void **state)
{
	struct env *env = mem_new(struct env);

	env->loop = loop_new();
	env->channel = -1;
	*state = env;
	return 0;
}

static int remove_env(void **state)
{
	struct env *env = *state;

	while (env->n_streams)
		stream_free(env->streams[0]);
	free(env->streams);
	close(env->loop);
	free(env);
	return 0;
}

/* A stream that reads from a pipe. Returns the pipe's other end. */
static struct stream *open_stream(struct env *env, const char *name, int *ret_end)
{
	struct stream *s = stream_new(env, name, NULL, RING_SIZE_MIN * 4);
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	stream_begin(s, ends[0]);
	*ret_end = ends[1];
	return s;
}

static void put(int fd, const char *text)
{
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

static char *all(const struct stream *s)
{
	CLEANUP(strv) struct strv lines = {0};
	struct ring_line line;
	uint64_t cursor = 0;

	while (ring_next(&s->ring, &cursor, &line))
		strv_addf(&lines, "%s%s", line.text, line.more ? "+" : "");
	return strv_join(&lines, "|");
}

static void check_all(const struct stream *s, const char *expected)
{
	CLEANUP(free) char *text = all(s);

	assert_string_equal(text, expected);
}

static void test_lines_are_put_together(void **state)
{
	struct env *env = *state;
	int end;
	struct stream *s = open_stream(env, "a", &end);

	put(end, "one\ntw");
	loop_wait(env->loop, 1000);
	check_all(s, "one");
	assert_true(env->fresh);
	put(end, "o\n\nthree");
	loop_wait(env->loop, 1000);
	check_all(s, "one|two|");
	close(end);
	loop_wait(env->loop, 1000);
	check_all(s, "one|two||three");
	assert_int_equal(s->source.fd, -1);
}

static void test_a_line_that_is_too_long_becomes_several(void **state)
{
	CLEANUP(free) char *text = mem_alloc(2 * RING_LINE_MAX + 8);
	struct ring_line line;
	uint64_t cursor = 0;
	int end;
	struct stream *s = open_stream(*state, "a", &end);

	memset(text, 'x', 2 * RING_LINE_MAX + 3);
	memcpy(text + 2 * RING_LINE_MAX + 3, "\ny\n", 3);
	/* In pieces, so that each possible split is tried. */
	for (size_t i = 0, n = strlen(text); i < n; i += 7)
		stream_add(s, text + i, n - i < 7 ? n - i : 7);
	for (int i = 0; i < 2; i++) {
		assert_true(ring_next(&s->ring, &cursor, &line));
		assert_int_equal(line.size, RING_LINE_MAX);
		assert_true(line.more);
	}
	assert_true(ring_next(&s->ring, &cursor, &line));
	assert_string_equal(line.text, "xxx");
	assert_false(line.more);
	assert_true(ring_next(&s->ring, &cursor, &line));
	assert_string_equal(line.text, "y");
	close(end);
}

static void test_the_end_takes_all_that_was_written(void **state)
{
	int end;
	struct stream *s = open_stream(*state, "a", &end);

	put(end, "last words\nno end");
	stream_end(s);
	check_all(s, "last words|no end");
	close(end);
}

static void test_nothing_is_lost_after_a_nul(void **state)
{
	static const char text[] = "before\0behind\nline\n\0next\n\0";
	int end;
	struct stream *s = open_stream(*state, "a", &end);

	assert_int_equal(write(end, text, sizeof(text) - 1), sizeof(text) - 1);
	stream_end(s);
	check_all(s, "before\\x00behind|line|\\x00next|\\x00");
	close(end);
}

static void test_last_lines_are_those_of_the_present_run(void **state)
{
	CLEANUP(free) char *none = NULL, *last = NULL, *few = NULL;
	int end, again[2];
	struct stream *s = open_stream(*state, "a", &end);

	put(end, "old\n");
	stream_end(s);
	close(end);
	assert_int_equal(pipe(again), 0);
	stream_begin(s, again[0]);
	none = stream_last(s, 3);
	assert_string_equal(none, "");
	put(again[1], "one\ntwo\n\nthr\033ee\nfour\n");
	close(again[1]);
	stream_end(s);
	last = stream_last(s, 3);
	assert_string_equal(last, "thr ee / four");
	few = stream_last(s, 1);
	assert_string_equal(few, "four");
}

static void test_a_later_supervisor_continues(void **state)
{
	struct env *env = *state;
	int end, ring, fd;
	struct stream *s = open_stream(env, "a", &end), *next;

	put(end, "begun");
	loop_wait(env->loop, 1000);
	/* PID 1's copies. */
	ring = dup(s->ring.fd);
	fd = dup(s->source.fd);
	stream_free(s);
	put(end, " and ended\n");
	next = stream_new(env, "a", NULL, RING_SIZE_MIN);
	stream_attach(next, ring, fd);
	loop_wait(env->loop, 1000);
	check_all(next, "begun and ended");
	close(end);
}

static void test_a_silent_stream_has_no_ring(void **state)
{
	struct env *env = *state;
	int end, fd;
	struct stream *s = open_stream(env, "a", &end), *next;

	assert_null(s->ring.head);
	check_all(s, "");
	/* A later supervisor only has what can be read. */
	fd = dup(s->source.fd);
	stream_free(s);
	next = stream_new(env, "a", NULL, RING_SIZE_MIN);
	stream_attach(next, -1, fd);
	put(end, "first\n");
	loop_wait(env->loop, 1000);
	check_all(next, "first");
	close(end);
}

static void test_all_streams_in_the_order_of_time(void **state)
{
	struct env *env = *state;
	struct lines lines;
	struct ring_line line;
	const char *name;
	int a_end, b_end;
	struct stream *a = open_stream(env, "a", &a_end), *b = open_stream(env, "b", &b_end);

	assert_int_equal(ring_new(&a->ring, RING_SIZE_MIN, NULL), 0);
	assert_int_equal(ring_new(&b->ring, RING_SIZE_MIN, NULL), 0);
	ring_add(&a->ring, 1, "a1", 2, false);
	ring_add(&b->ring, 2, "b2", 2, false);
	ring_add(&a->ring, 3, "a3", 2, false);
	lines_begin(&lines, env, NULL, 100);
	assert_true(lines_next(&lines, &line, &name));
	assert_string_equal(line.text, "a1");
	assert_true(lines_next(&lines, &line, &name));
	assert_string_equal(line.text, "b2");
	assert_string_equal(name, "b");
	assert_true(lines_next(&lines, &line, &name));
	assert_false(lines_next(&lines, &line, &name));
	ring_add(&b->ring, 4, "b4", 2, false);
	assert_true(lines_next(&lines, &line, &name));
	assert_string_equal(line.text, "b4");
	lines_end(&lines);
	lines_begin(&lines, env, "b", 1);
	assert_true(lines_next(&lines, &line, &name));
	assert_string_equal(line.text, "b4");
	assert_false(lines_next(&lines, &line, &name));
	lines_end(&lines);
	close(a_end);
	close(b_end);
}

#define TEST(f_) cmocka_unit_test_setup_teardown(f_, make_env, remove_env)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_lines_are_put_together),
		TEST(test_a_line_that_is_too_long_becomes_several),
		TEST(test_the_end_takes_all_that_was_written),
		TEST(test_nothing_is_lost_after_a_nul),
		TEST(test_last_lines_are_those_of_the_present_run),
		TEST(test_a_later_supervisor_continues),
		TEST(test_a_silent_stream_has_no_ring),
		TEST(test_all_streams_in_the_order_of_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
