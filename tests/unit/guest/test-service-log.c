/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "service/log.h"

struct place {
	char *dir, *path, *old;
};

static int make_place(void **state)
{
	struct place *p = mem_new(struct place);

	if (file_temp_dir("/tmp", "wherry-test", &p->dir, NULL) < 0)
		return -1;
	p->path = path_join(p->dir, "a.log");
	p->old = path_join(p->dir, "a.log.0");
	*state = p;
	return 0;
}

static int remove_place(void **state)
{
	struct place *p = *state;

	file_remove_all(p->dir, NULL);
	free(p->dir);
	free(p->path);
	free(p->old);
	free(p);
	return 0;
}

static void check_file(const char *path, const char *expected)
{
	CLEANUP(free) char *text = NULL;
	struct werr *err = NULL;
	size_t size;

	assert_ok(file_read(path, 4096, &text, &size, &err), err);
	assert_string_equal(text, expected);
}

static void check_last(const struct service_log *log, unsigned n, const char *expected)
{
	CLEANUP(free) char *last = service_log_last(log, n);

	assert_string_equal(last, expected);
}

static void test_a_full_file_becomes_the_old_one(void **state)
{
	const struct place *p = *state;
	struct service_log log;
	struct werr *err = NULL;

	assert_ok(service_log_open(&log, p->path, 10, &err), err);
	service_log_add(&log, "12345\n", 6);
	service_log_add(&log, "678\n", 4);
	assert_false(file_exists(p->old));
	service_log_add(&log, "9\n", 2);
	check_file(p->old, "12345\n678\n");
	check_file(p->path, "9\n");
	service_log_close(&log);
}

static void test_opened_again_it_goes_on(void **state)
{
	const struct place *p = *state;
	struct service_log log;
	struct werr *err = NULL;

	for (int i = 0; i < 2; i++) {
		assert_ok(service_log_open(&log, p->path, 100, &err), err);
		service_log_add(&log, "x\n", 2);
		assert_int_equal(log.size, 2 * (i + 1));
		service_log_close(&log);
	}
	check_file(p->path, "x\nx\n");
}

static void test_last_lines(void **state)
{
	const struct place *p = *state;
	struct service_log log;
	struct werr *err = NULL;

	assert_ok(service_log_open(&log, p->path, 100, &err), err);
	check_last(&log, 3, "");
	service_log_add(&log, "one\ntw", 6);
	check_last(&log, 3, "one / tw");
	service_log_add(&log, "o\n\nthr\033ee\nfour\n", 15);
	check_last(&log, 3, "two / thr ee / four");
	check_last(&log, 1, "four");
	service_log_close(&log);
}

static void test_the_end_of_much_is_kept(void **state)
{
	const struct place *p = *state;
	CLEANUP(free) char *much = mem_alloc(100000);
	struct service_log log;
	struct werr *err = NULL;

	memset(much, 'x', 100000);
	memcpy(much + 99990, "\nthe end\n", 9);
	assert_ok(service_log_open(&log, p->path, SERVICE_LOG_MAX, &err), err);
	service_log_add(&log, "first\n", 6);
	service_log_add(&log, much, 99999);
	check_last(&log, 3, "the end");
	service_log_close(&log);
}

static void test_without_a_file_the_end_is_kept(ATTR_UNUSED void **state)
{
	struct service_log log;
	struct werr *err = NULL;

	assert_fails(service_log_open(&log, "/nonexistent/a.log", 10, &err), err, WERR_NOT_FOUND,
		"can't write /nonexistent/a.log");
	service_log_add(&log, "why\n", 4);
	check_last(&log, 3, "why");
	service_log_close(&log);
}

#define TEST(f_) cmocka_unit_test_setup_teardown(f_, make_place, remove_place)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_full_file_becomes_the_old_one),
		TEST(test_opened_again_it_goes_on),
		TEST(test_last_lines),
		TEST(test_the_end_of_much_is_kept),
		cmocka_unit_test(test_without_a_file_the_end_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
