/* SPDX-License-Identifier: Apache-2.0 */
#include "temp-dir.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "life/record.h"

static void test_what_is_written_is_read(void **state)
{
	CLEANUP(free) char *path = path_join(*state, "a");
	struct record r = {.state = LIFE_BACKOFF,
		.since = 1,
		.began = 2,
		.first_began = 3,
		.first_ready = 4,
		.ended = 5,
		.restarts = 6,
		.streak = 7,
		.status = 8,
		.pid = 9,
		.pid_started = UINT64_MAX,
		.runtime = 11,
		.runtime_started = 12,
		.prepared = 1,
		.made = 1};
	struct record got = {0};
	struct werr *err = NULL;

	assert_ok(record_write(&r, path, &err), err);
	assert_true(record_read(&got, path));
	assert_memory_equal(&got, &r, sizeof(r));
}

static void test_a_long_one_and_then_a_short_one(void **state)
{
	CLEANUP(free) char *path = path_join(*state, "a");
	struct record r, got = {0};
	struct werr *err = NULL;

	memset(&r, 0xff, sizeof(r));
	r.why[sizeof(r.why) - 1] = 0;
	r.state = LIFE_UNHEALTHY;
	assert_ok(record_write(&r, path, &err), err);
	assert_true(record_read(&got, path));
	assert_int_equal(got.made, UINT64_MAX);
	r = (struct record){.state = LIFE_DONE};
	assert_ok(record_write(&r, path, &err), err);
	assert_true(record_read(&got, path));
	assert_int_equal(got.state, LIFE_DONE);
	assert_int_equal(got.made, 0);
}

static void test_what_is_not_valid_is_not_read(void **state)
{
	static const char *const texts[] = {"", "{}", "[]", "{\"state\":\"ready\"",
		"{\"state\":\"other\"}", "{\"state\":\"ready\",\"pid\":-1}",
		"{\"state\":\"ready\",\"pid\":\"1\"}"};
	CLEANUP(free) char *path = path_join(*state, "a");
	struct record got = {.pid = 77};

	assert_false(record_read(&got, path));
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct werr *err = NULL;

		assert_ok(file_write_atomic(path, 0600, texts[i], strlen(texts[i]), &err), err);
		assert_false(record_read(&got, path));
	}
	assert_int_equal(got.pid, 77);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_IN_DIR(test_what_is_written_is_read),
		TEST_IN_DIR(test_a_long_one_and_then_a_short_one),
		TEST_IN_DIR(test_what_is_not_valid_is_not_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
