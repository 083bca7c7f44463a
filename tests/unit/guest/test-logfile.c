/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "log/logfile.h"

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

static void test_a_full_file_becomes_the_old_one(void **state)
{
	const struct place *p = *state;
	struct logfile log;
	struct werr *err = NULL;

	assert_ok(logfile_open(&log, p->path, 10, &err), err);
	logfile_add(&log, "12345\n", 6);
	logfile_add(&log, "678\n", 4);
	assert_false(file_exists(p->old));
	logfile_add(&log, "9\n", 2);
	check_file(p->old, "12345\n678\n");
	check_file(p->path, "9\n");
	logfile_close(&log);
}

static void test_opened_again_it_is_continued(void **state)
{
	const struct place *p = *state;
	struct logfile log;
	struct werr *err = NULL;

	for (int i = 0; i < 2; i++) {
		assert_ok(logfile_open(&log, p->path, 100, &err), err);
		logfile_add(&log, "x\n", 2);
		assert_int_equal(log.size, 2 * (i + 1));
		logfile_close(&log);
	}
	check_file(p->path, "x\nx\n");
}

static void test_a_file_that_can_not_be_written_does_no_harm(ATTR_UNUSED void **state)
{
	struct logfile log;
	struct werr *err = NULL;

	assert_fails(logfile_open(&log, "/nonexistent/a.log", 10, &err), err, WERR_NOT_FOUND,
		"can't write /nonexistent/a.log");
	logfile_add(&log, "why\n", 4);
	assert_int_equal(log.fd, -1);
	logfile_close(&log);
}

#define TEST(f_) cmocka_unit_test_setup_teardown(f_, make_place, remove_place)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_full_file_becomes_the_old_one),
		TEST(test_opened_again_it_is_continued),
		cmocka_unit_test(test_a_file_that_can_not_be_written_does_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
