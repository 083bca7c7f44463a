/* SPDX-License-Identifier: Apache-2.0 */
#include "temp-dir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/file-lock.h"
#include "base/mem.h"
#include "base/path.h"

static int open_file(void **state)
{
	CLEANUP(free) char *path = path_join(*state, "lock");
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	return fd;
}

static void test_one_at_a_time(void **state)
{
	int one = open_file(state), other = open_file(state);
	struct werr *err = NULL;

	assert_ok(file_lock(one, LOCK_EX, 0, "it", &err), err);
	assert_int_equal(file_lock(other, LOCK_SH, 0, "it", &err), -ETIMEDOUT);
	assert_int_equal(file_lock(other, LOCK_EX, 20, "it", &err), -ETIMEDOUT);
	assert_null(err);
	close(one);
	assert_ok(file_lock(other, LOCK_EX, FILE_LOCK_FOREVER, "it", &err), err);
	close(other);
}

static void test_no_file(ATTR_UNUSED void **state)
{
	struct werr *err = NULL;

	assert_fails(file_lock(-1, LOCK_EX, FILE_LOCK_FOREVER, "it", &err), err, WERR_FAILED,
		"can't lock it");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_IN_DIR(test_one_at_a_time),
		cmocka_unit_test(test_no_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
