/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "power-cut.h"
#include "tools/swap-area.h"
#include "tools/swap.h"

enum { MIB = 1 << 20 };

static int parse(const char *line, struct strv *argv, struct swap *ret, struct werr **err)
{
	strv_split(argv, line, ' ');
	return swap_parse((int)argv->n, argv->items, ret, err);
}

static void test_the_arguments_of_linuxkit(ATTR_UNUSED void **state)
{
	CLEANUP(strv) struct strv argv = {0};
	CLEANUP(swap) struct swap s = {0};
	struct werr *err = NULL;

	assert_ok(parse("swap --path /var/external/swap --size 1G --debug --condition "
			"part:/var/external --condition partsize:/var/external:2G:true",
			  &argv, &s, &err),
		err);
	assert_string_equal(s.path, "/var/external/swap");
	assert_int_equal(s.size, 1ULL << 30);
	assert_int_equal(s.n_conditions, 2);
	assert_string_equal(s.conditions[0].path, "/var/external");
	assert_int_equal(s.conditions[0].size, 0);
	assert_false(s.conditions[0].required);
	assert_int_equal(s.conditions[1].size, 2ULL << 30);
	assert_true(s.conditions[1].required);
}

static void test_mistakes(ATTR_UNUSED void **state)
{
	static const struct {
		const char *line, *message;
	} cases[] = {
		{"swap --size 1G", "--path is missing"},
		{"swap --path /var/a", "--size is missing"},
		{"swap --path /var/a --path /var/b --size 1G", "option -path is there twice"},
		{"swap --path /var/a --file /var/b --size 1G", "option -file is there twice"},
		{"swap --path /etc/a --size 1G", "neither below /var nor below /dev"},
		{"swap --path /var/../etc/a --size 1G", "neither below /var nor below /dev"},
		{"swap --path var/a --size 1G", "neither below /var nor below /dev"},
		{"swap --path /var/a --size 0", "is not a size"},
		{"swap --path /dev/vdb --size 1G", "--size is for a file"},
		{"swap --path /var/a --size 1G --label 0123456789abcdef", "--label is longer"},
		{"swap --path /var/a --size 1G --condition size:/var", "is not a condition"},
		{"swap --path /var/a --size 1G --condition part:var", "is not a condition"},
		{"swap --path /var/a --size 1G --condition part:/a:true:b", "is not a condition"},
		{"swap --path /var/a --size 1G --condition partsize:/a", "is not a condition"},
		{"swap --path /var/a --size 1G --condition partsize:/a:x", "is not a size"},
		{"swap --path /var/a --size 1G more", "'more' is not an option"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(strv) struct strv argv = {0};
		CLEANUP(swap) struct swap s = {0};
		struct werr *err = NULL;

		assert_fails(
			parse(cases[i].line, &argv, &s, &err), err, WERR_USAGE, cases[i].message);
	}
}

static void test_a_header_is_read_as_it_was_written(ATTR_UNUSED void **state)
{
	static const unsigned char uuid[16] = "0123456789abcdef";
	static unsigned char head[SWAP_PAGE_MAX];
	uint64_t size = 0;

	for (size_t page = 4096; page <= SWAP_PAGE_MAX; page *= 2) {
		swap_area_format(head, page, 16 * MIB, uuid, "a label");
		assert_string_equal((const char *)head + 1052, "a label");
		assert_memory_equal(head + page - 10, "SWAPSPACE2", 10);
		assert_true(swap_area_parse(head, page, &size));
		assert_int_equal(size, 16 * MIB);
		head[page - 1] ^= 1;
		assert_false(swap_area_parse(head, page, &size));
	}
}

static void test_a_file_is_made_once(ATTR_UNUSED void **state)
{
	CLEANUP(free) char *dir = NULL, *path = NULL;
	struct werr *err = NULL;
	struct stat st;
	uint64_t size = 0;
	int fd;

	/* Some file systems have no unnamed files; the test's directory is on one that has. */
	assert_ok(file_temp_dir("/tmp", "swap", &dir, &err), err);
	path = path_join(dir, "area");
	assert_ok(swap_area_make_file(path, MIB, NULL, &err), err);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0 && swap_area_read(fd, &size));
	assert_int_equal(size, MIB);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(st.st_size, MIB);
	assert_true(st.st_blocks * 512 >= MIB);
	close(fd);
	assert_fails(
		swap_area_make_file(path, 2 * MIB, NULL, &err), err, WERR_EXISTS, "can't make");
	assert_fails(swap_area_make_file(path, 4096, NULL, &err), err, WERR_INVALID, "at least");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, MIB);
	assert_int_equal(file_remove_all(dir, NULL), 0);
}

/* A regular file stands in for the device. */
static void test_a_device_with_anything_on_it_is_left_alone(ATTR_UNUSED void **state)
{
	static const off_t places[] = {0, 510, 1080, 65600, MIB - 1, 7 * MIB, 8 * MIB - 1};
	struct werr *err = NULL;
	uint64_t size = 0;
	int fd = -1;

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		assert_ok(file_open_unnamed("/tmp", &fd, &err), err);
		assert_int_equal(ftruncate(fd, 8 * MIB), 0);
		assert_int_equal(pwrite(fd, "x", 1, places[i]), 1);
		assert_fails(swap_area_make_device(fd, "it", NULL, &err), err, WERR_EXISTS,
			"left alone");
		close(fd);
	}
	assert_ok(file_open_unnamed("/tmp", &fd, &err), err);
	assert_int_equal(ftruncate(fd, 8 * MIB), 0);
	assert_ok(swap_area_make_device(fd, "it", "label", &err), err);
	assert_true(swap_area_read(fd, &size));
	assert_int_equal(size, 8 * MIB);
	close(fd);
}

/* The power is cut in the middle of write n; the next boot has the area. False: no such write. */
static bool cut_in(int n, uint64_t kept)
{
	CLEANUP(werr) struct werr *cut = NULL;
	struct werr *err = NULL;
	uint64_t size = 0;
	bool was_cut;
	int fd = -1;

	assert_ok(file_open_unnamed("/tmp", &fd, &err), err);
	assert_int_equal(ftruncate(fd, 8 * MIB), 0);
	power_cut_after(n, kept);
	swap_area_make_device(fd, "it", "label", &cut);
	was_cut = power_cut_end();
	assert_true(was_cut == (cut != NULL));
	/* What has no area gets one. */
	if (!swap_area_read(fd, &size))
		assert_ok(swap_area_make_device(fd, "it", "label", &err), err);
	assert_true(swap_area_read(fd, &size));
	assert_int_equal(size, 8 * MIB);
	close(fd);
	return was_cut;
}

static void test_a_cut_leaves_a_device_that_the_next_boot_takes(ATTR_UNUSED void **state)
{
	/* Which of those sectors is there that are not zeros: the mark, the numbers, the magic. */
	static const uint64_t kept[] = {0, 1 << 0, 1 << 2, 1 << 7, 1 << 2 | 1 << 7};

	for (size_t i = 0; i < ARRAY_SIZE(kept); i++) {
		int n = 0;

		while (cut_in(n, kept[i]))
			n++;
		assert_int_equal(n, 3);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_arguments_of_linuxkit),
		cmocka_unit_test(test_mistakes),
		cmocka_unit_test(test_a_header_is_read_as_it_was_written),
		cmocka_unit_test(test_a_file_is_made_once),
		cmocka_unit_test(test_a_device_with_anything_on_it_is_left_alone),
		cmocka_unit_test(test_a_cut_leaves_a_device_that_the_next_boot_takes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
