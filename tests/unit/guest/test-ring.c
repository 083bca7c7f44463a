/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "log/ring.h"

static void add(struct ring *r, uint64_t ms, const char *text)
{
	ring_add(r, ms, text, strlen(text), false);
}

static void make(struct ring *r, size_t size)
{
	struct werr *err = NULL;

	assert_ok(ring_new(r, size, &err), err);
}

static void test_lines_come_out_as_they_went_in(ATTR_UNUSED void **state)
{
	struct ring r;
	struct ring_line line;
	uint64_t cursor = 0, ms;

	make(&r, RING_SIZE_MIN);
	assert_false(ring_next(&r, &cursor, &line));
	add(&r, 5, "one");
	add(&r, 6, "");
	ring_add(&r, 7, "a\0b", 3, true);
	assert_true(ring_peek(&r, &cursor, &ms));
	assert_int_equal(ms, 5);
	assert_true(ring_next(&r, &cursor, &line));
	assert_string_equal(line.text, "one");
	assert_int_equal(line.ms, 5);
	assert_false(line.more);
	assert_true(ring_next(&r, &cursor, &line));
	assert_int_equal(line.size, 0);
	assert_true(ring_next(&r, &cursor, &line));
	assert_memory_equal(line.text, "a\0b", 4);
	assert_true(line.more);
	assert_false(ring_next(&r, &cursor, &line));
	assert_int_equal(cursor, ring_end(&r));
	ring_close(&r);
}

static void test_the_oldest_make_room(ATTR_UNUSED void **state)
{
	struct ring r;
	struct ring_line line;
	uint64_t cursor = 0, expected = 0;
	unsigned n = 0;

	make(&r, RING_SIZE_MIN);
	for (unsigned i = 0; i < 10000; i++) {
		CLEANUP(free) char *text = str_printf("line %u %0*d", i, (int)(i % 97), 1);

		add(&r, i, text);
	}
	while (ring_next(&r, &cursor, &line)) {
		assert_true(n == 0 || line.ms == expected);
		expected = line.ms + 1;
		n++;
	}
	assert_int_equal(expected, 10000);
	assert_true(n > 20 && n < RING_SIZE_MIN / 17);
	ring_close(&r);
}

static void test_the_longest_line_fits_the_smallest_ring(ATTR_UNUSED void **state)
{
	char text[RING_LINE_MAX];
	struct ring r;
	struct ring_line line;
	uint64_t cursor = 0;
	unsigned n = 0;

	memset(text, 'x', sizeof(text));
	make(&r, 1);
	for (int i = 0; i < 50; i++)
		ring_add(&r, 1, text, sizeof(text), false);
	while (ring_next(&r, &cursor, &line)) {
		assert_int_equal(line.size, RING_LINE_MAX);
		n++;
	}
	assert_int_equal(n, RING_SIZE_MIN / (RING_LINE_MAX + 11));
	ring_close(&r);
}

static void test_the_last_lines(ATTR_UNUSED void **state)
{
	struct ring r;
	struct ring_line line;
	uint64_t cursor, middle;

	make(&r, RING_SIZE_MIN);
	add(&r, 1, "a");
	add(&r, 1, "b");
	middle = ring_end(&r);
	add(&r, 1, "c");
	cursor = ring_last(&r, 2, 0);
	assert_true(ring_next(&r, &cursor, &line));
	assert_string_equal(line.text, "b");
	cursor = ring_last(&r, 2, middle);
	assert_true(ring_next(&r, &cursor, &line));
	assert_string_equal(line.text, "c");
	assert_int_equal(ring_last(&r, 0, 0), ring_end(&r));
	cursor = ring_last(&r, 99, 0);
	assert_true(ring_next(&r, &cursor, &line));
	assert_string_equal(line.text, "a");
	ring_close(&r);
}

static void test_another_process_can_continue(ATTR_UNUSED void **state)
{
	struct ring r, next;
	struct ring_line line;
	struct werr *err = NULL;
	uint64_t cursor = 0;
	size_t *size;

	make(&r, RING_SIZE_MIN);
	add(&r, 1, "before");
	memcpy(ring_pending(&r, &size), "half", 4);
	*size = 4;
	assert_ok(ring_attach(&next, dup(r.fd), &err), err);
	ring_close(&r);
	assert_true(ring_next(&next, &cursor, &line));
	assert_string_equal(line.text, "before");
	assert_memory_equal(ring_pending(&next, &size), "half", 4);
	assert_int_equal(*size, 4);
	ring_close(&next);
}

static void test_a_file_that_is_not_a_ring_is_not_trusted(ATTR_UNUSED void **state)
{
	struct ring r, next;
	struct werr *err = NULL;
	struct ring_line line;
	uint64_t cursor = 0;
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	close(ends[1]);
	assert_fails(ring_attach(&next, ends[0], &err), err, WERR_CORRUPT, "wrong size");
	make(&r, RING_SIZE_MIN);
	add(&r, 1, "x");
	/* With any byte of the head wrong, the ring is emptied. */
	memset(r.head, 0xff, 64);
	assert_ok(ring_attach(&next, dup(r.fd), &err), err);
	assert_false(ring_next(&next, &cursor, &line));
	ring_close(&r);
	ring_close(&next);
}

static void test_no_ring_is_fine(ATTR_UNUSED void **state)
{
	struct ring r = RING_NONE;
	struct ring_line line;
	uint64_t cursor = 0;

	add(&r, 1, "x");
	assert_false(ring_next(&r, &cursor, &line));
	assert_int_equal(ring_end(&r), 0);
	assert_int_equal(ring_last(&r, 3, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines_come_out_as_they_went_in),
		cmocka_unit_test(test_the_oldest_make_room),
		cmocka_unit_test(test_the_longest_line_fits_the_smallest_ring),
		cmocka_unit_test(test_the_last_lines),
		cmocka_unit_test(test_another_process_can_continue),
		cmocka_unit_test(test_a_file_that_is_not_a_ring_is_not_trusted),
		cmocka_unit_test(test_no_ring_is_fine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
