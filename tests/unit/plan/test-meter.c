/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdlib.h>

#include "base/mem.h"
#include "plan/meter.h"

enum { SIZE = 1 << 20 };

struct seen {
	size_t n;
	uint64_t done, total;
};

static void on_event(const struct progress_event *e, void *ctx)
{
	struct seen *s = ctx;

	assert_int_equal(e->phase, PROGRESS_ADVANCE);
	assert_string_equal(e->name, "services/x");
	assert_true(e->done > s->done);
	s->n++;
	s->done = e->done;
	s->total = e->total;
}

static void copy(struct meter *m, bool by_reader)
{
	CLEANUP(free) char *bytes = mem_alloc(SIZE);
	CLEANUP(reader) struct reader *from = mem_reader_new(bytes, SIZE);
	uint64_t count = 0;
	CLEANUP(writer) struct writer *to = count_writer_new(NULL, &count);
	CLEANUP(writer) struct writer *metered = meter_writer_new(to, by_reader ? NULL : m);
	struct werr *err = NULL;

	if (by_reader)
		from = meter_reader_new(STEAL(from), m);
	assert_ok(io_copy(from, metered, NULL, &err), err);
	assert_int_equal(count, SIZE);
}

static void test_what_passes_is_reported_in_steps(ATTR_UNUSED void **state)
{
	for (int by_reader = 0; by_reader < 2; by_reader++) {
		struct seen seen = {0};
		const struct progress progress = {on_event, &seen};
		struct meter m = {.progress = &progress, .name = "services/x"};

		meter_start(&m, SIZE);
		copy(&m, by_reader);
		assert_in_range(seen.n, 2, 16);
		assert_int_equal(seen.done, SIZE);
		assert_int_equal(seen.total, SIZE);
		/* It begins anew. */
		seen.done = 0;
		meter_start(&m, 0);
		copy(&m, by_reader);
		assert_int_equal(seen.done, SIZE);
		assert_int_equal(seen.total, 0);
	}
}

static void test_nobody_listens(ATTR_UNUSED void **state)
{
	meter_start(NULL, 1);
	copy(NULL, true);
	copy(NULL, false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_passes_is_reported_in_steps),
		cmocka_unit_test(test_nobody_listens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
