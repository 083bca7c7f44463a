/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "vm/qemu.h"

static void test_parse(ATTR_UNUSED void **state)
{
	static const struct {
		const char *text, *path, *format;
		uint64_t size;
	} good[] = {
		{"d.img", "d.img", NULL, 0},
		{"file=d.img,format=raw", "d.img", "raw", 0},
		{"d.img,size=512", "d.img", NULL, UINT64_C(512) << 20},
		{"size=1G,format=qcow2,file=/a/b", "/a/b", "qcow2", UINT64_C(1) << 30},
		{"d,size=64K", "d", NULL, UINT64_C(64) << 10},
		{"d,size=2T", "d", NULL, UINT64_C(2) << 40},
	};
	struct werr *err = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		CLEANUP(qemu_disk) struct qemu_disk d = {0};

		assert_ok(qemu_disk_parse(good[i].text, &d, &err), err);
		assert_string_equal(d.path, good[i].path);
		assert_int_equal(d.size, good[i].size);
		if (good[i].format)
			assert_string_equal(d.format, good[i].format);
		else
			assert_null(d.format);
	}
}

static void test_parse_mistakes(ATTR_UNUSED void **state)
{
	static const char *const bad[] = {"", "size=1G", "d,size=", "d,size=x", "d,size=0",
		"d,size=-1", "d,size=99999999999T", "d,format=vmdk", "d,e"};
	struct werr *err = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct qemu_disk d = {0};

		assert_fails(qemu_disk_parse(bad[i], &d, &err), err, WERR_USAGE, "disk '");
	}
}

static void test_format_is_read_off_the_file(ATTR_UNUSED void **state)
{
	CLEANUP(free) char *dir = NULL;
	CLEANUP(free) char *path = NULL;
	struct qemu_disk d = {0};
	struct werr *err = NULL;

	assert_ok(file_temp_dir("/tmp", "disk", &dir, &err), err);
	path = path_join(dir, "d");
	assert_ok(file_write_atomic(path, 0644, "QFI\xfb....", 8, &err), err);
	assert_ok(qemu_disk_parse(path, &d, &err), err);
	assert_ok(qemu_disk_prepare(&d, &err), err);
	assert_string_equal(d.format, "qcow2");
	qemu_disk_cleanup(&d);
	assert_ok(file_write_atomic(path, 0644, "other", 5, &err), err);
	assert_ok(qemu_disk_parse(path, &d, &err), err);
	assert_ok(qemu_disk_prepare(&d, &err), err);
	assert_string_equal(d.format, "raw");
	qemu_disk_cleanup(&d);
	assert_ok(file_remove_all(dir, &err), err);
	assert_ok(qemu_disk_parse(path, &d, &err), err);
	assert_fails(qemu_disk_prepare(&d, &err), err, WERR_NOT_FOUND, "there is no disk");
	qemu_disk_cleanup(&d);
}

static void test_missing_disk_is_made(ATTR_UNUSED void **state)
{
	CLEANUP(free) char *dir = NULL;
	CLEANUP(free) char *text = NULL;
	struct qemu_disk d = {0};
	struct werr *err = NULL;

	if (!file_exists("/usr/bin/qemu-img"))
		skip();
	assert_ok(file_temp_dir("/tmp", "disk", &dir, &err), err);
	text = str_printf("%s/d,size=1G", dir);
	assert_ok(qemu_disk_parse(text, &d, &err), err);
	assert_ok(qemu_disk_prepare(&d, &err), err);
	assert_string_equal(d.format, "qcow2");
	assert_true(file_exists(d.path));
	qemu_disk_cleanup(&d);
	assert_ok(file_remove_all(dir, &err), err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_parse_mistakes),
		cmocka_unit_test(test_format_is_read_off_the_file),
		cmocka_unit_test(test_missing_disk_is_made),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
