/* SPDX-License-Identifier: Apache-2.0 */
#include "temp-dir.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "common/fs.h"
#include "common/machine.h"
#include "common/socket.h"

static void put(const char *dir, const char *name, const char *text)
{
	CLEANUP(free) char *path = path_join(dir, name);
	struct werr *err = NULL;

	assert_ok(file_write_atomic(path, 0600, text, strlen(text), &err), err);
}

static void test_names_are_sorted(void **state)
{
	CLEANUP(strv) struct strv names = {0};
	CLEANUP(free) char *missing = path_join(*state, "missing");

	put(*state, "b", "");
	put(*state, ".hidden", "");
	put(*state, "a", "");
	assert_int_equal(fs_names(*state, &names), 0);
	assert_int_equal(names.n, 2);
	assert_string_equal(names.items[0], "a");
	assert_string_equal(names.items[1], "b");
	assert_int_equal(fs_names(missing, &names), -ENOENT);
}

static void test_numbers(void **state)
{
	static const struct {
		const char *text;
		uint64_t number;
	} cases[] = {{"4711\n", 4711}, {"0", 0}, {"18446744073709551615\n", UINT64_MAX},
		{"max\n", 0}, {"1 2\n", 0}, {"-1\n", 0}, {"", 0}};
	CLEANUP(free) char *path = path_join(*state, "number");

	assert_int_equal(fs_number(path), 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		put(*state, "number", cases[i].text);
		assert_int_equal(fs_number(path), cases[i].number);
	}
}

static void test_the_smaller_limit_of_processes_counts(ATTR_UNUSED void **state)
{
	uint64_t threads = fs_number("/proc/sys/kernel/threads-max");
	uint64_t pids = fs_number("/proc/sys/kernel/pid_max"), max = machine_processes_max();

	assert_true(max == threads || max == pids);
	assert_true(max <= threads);
	if (pids)
		assert_true(max <= pids);
}

static void test_memory_is_not_persistent(ATTR_UNUSED void **state)
{
	assert_false(fs_is_persistent("/dev/shm"));
	assert_false(fs_is_persistent("/no/such/directory"));
}

static void test_a_socket_for_root_alone(void **state)
{
	CLEANUP(free) char *path = path_join(*state, "sock");
	struct werr *err = NULL;
	struct stat st;
	int listening, client;

	assert_int_equal(socket_connect(path, SOCK_STREAM), -ENOENT);
	/* A file at the path is removed. */
	put(*state, "sock", "old");
	listening = socket_listen(path, SOCK_STREAM, &err);
	assert_true(listening >= 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	client = socket_connect(path, SOCK_STREAM);
	assert_true(client >= 0);
	close(client);
	close(listening);
	assert_int_equal(socket_connect(path, SOCK_STREAM), -ECONNREFUSED);
}

static void test_a_path_too_long_for_a_socket(ATTR_UNUSED void **state)
{
	char path[200];
	struct werr *err = NULL;

	memset(path, 'x', sizeof(path));
	path[0] = '/';
	path[sizeof(path) - 1] = 0;
	assert_fails(socket_listen(path, SOCK_DGRAM, &err), err, WERR_INVALID, "is too long");
	assert_int_equal(socket_connect(path, SOCK_DGRAM), -ENAMETOOLONG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_IN_DIR(test_names_are_sorted),
		TEST_IN_DIR(test_numbers),
		TEST_IN_DIR(test_the_smaller_limit_of_processes_counts),
		TEST_IN_DIR(test_memory_is_not_persistent),
		TEST_IN_DIR(test_a_socket_for_root_alone),
		TEST_IN_DIR(test_a_path_too_long_for_a_socket),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
