/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "tools/loopdev.h"
#include "tools/loopy.h"
#include "tools/wholefile.h"

enum { MIB = 1 << 20 };

static int parse(const char *line, struct strv *argv, struct strv *words, struct loopy *ret,
	struct werr **err)
{
	strv_split(argv, line, ' ');
	return loopy_parse((int)argv->n, argv->items, words, ret, err);
}

static void test_the_arguments_of_linuxkit(ATTR_UNUSED void **state)
{
	static const struct {
		const char *line, *device;
		uint64_t size;
		bool create;
	} cases[] = {
		{"loopy -c /var/a", "/dev/loop0", 10 * MIB, true},
		{"loopy --create --size 3 --dev /dev/loop7 /var/a", "/dev/loop7", 3 * MIB, true},
		{"loopy -s 3 -d /dev/loop7 /var/a", "/dev/loop7", 3 * MIB, false},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(strv) struct strv argv = {0}, words = {0};
		struct werr *err = NULL;
		struct loopy l = {0};

		assert_ok(parse(cases[i].line, &argv, &words, &l, &err), err);
		assert_string_equal(l.file, "/var/a");
		assert_string_equal(l.device, cases[i].device);
		assert_int_equal(l.size, cases[i].size);
		assert_int_equal(l.create, cases[i].create);
	}
}

static void test_mistakes(ATTR_UNUSED void **state)
{
	static const struct {
		const char *line, *message;
	} cases[] = {
		{"loopy", "one file must be named"},
		{"loopy /var/a /var/b", "one file must be named"},
		{"loopy var/a", "by an absolute path"},
		{"loopy -s 0 /var/a", "'0' is not a number of MiB"},
		{"loopy -s 99999999999999 /var/a", "is not a number of MiB"},
		{"loopy -s 1 --size 2 /var/a", "is there twice"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(strv) struct strv argv = {0}, words = {0};
		struct werr *err = NULL;
		struct loopy l = {0};

		assert_fails(parse(cases[i].line, &argv, &words, &l, &err), err, WERR_USAGE,
			cases[i].message);
	}
}

static void test_a_device_of_another_kind(ATTR_UNUSED void **state)
{
	static const char *const names[] = {
		"/dev/vda", "/dev/loop", "/dev/loop-control", "/dev/loop99999999"};
	struct werr *err = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		assert_fails(loopdev_attach_to(names[i], -1, "it", &err), err, WERR_USAGE,
			"is not a loop device");
}

static void test_a_file_has_its_name_at_the_end(ATTR_UNUSED void **state)
{
	CLEANUP(free) char *dir = NULL, *path = NULL;
	CLEANUP(fd) int fd = -1, other = -1;
	struct werr *err = NULL;
	struct stat st;

	assert_ok(file_temp_dir("/tmp", "whole", &dir, &err), err);
	path = path_join(dir, "file");
	assert_ok(wholefile_begin(path, MIB, &fd, &err), err);
	assert_false(file_exists(path));
	assert_ok(wholefile_end(fd, path, &err), err);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, MIB);
	assert_true(st.st_blocks * 512 >= MIB);
	assert_ok(wholefile_begin(path, 2 * MIB, &other, &err), err);
	assert_fails(wholefile_end(other, path, &err), err, WERR_EXISTS, "can't make");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, MIB);
	assert_int_equal(file_remove_all(dir, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_arguments_of_linuxkit),
		cmocka_unit_test(test_mistakes),
		cmocka_unit_test(test_a_device_of_another_kind),
		cmocka_unit_test(test_a_file_has_its_name_at_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
