/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "vm/qemu.h"

static void test_parse(ATTR_UNUSED void **state)
{
	static const struct {
		const char *text, *path, *format;
		uint64_t size;
	} good[] = {
		{"d.img", "d.img", NULL, 0},
		{"file=d.img,format=raw", "d.img", "raw", 0},
		{"d.img,size=3", "d.img", NULL, UINT64_C(3) << 30},
		{"size=1G,format=qcow2,file=/a/b", "/a/b", "qcow2", UINT64_C(1) << 30},
		{"d,size=64K", "d", NULL, UINT64_C(64) << 10},
		{"d,size=2T", "d", NULL, UINT64_C(2) << 40},
		{"a,,b.img", "a,b.img", NULL, 0},
		{"file=,,a,,,,b,format=vmdk", ",a,,b", "vmdk", 0},
		{"a,,,size=1M", "a,", NULL, UINT64_C(1) << 20},
		{"size=4G", NULL, NULL, UINT64_C(4) << 30},
	};
	struct werr *err = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		CLEANUP(qemu_disk) struct qemu_disk d = {0};

		assert_ok(qemu_disk_parse(good[i].text, &d, &err), err);
		if (good[i].path)
			assert_string_equal(d.path, good[i].path);
		else
			assert_null(d.path);
		assert_int_equal(d.size, good[i].size);
		if (good[i].format)
			assert_string_equal(d.format, good[i].format);
		else
			assert_null(d.format);
	}
}

static void test_parse_mistakes(ATTR_UNUSED void **state)
{
	static const char *const bad[] = {"", "format=raw", "file=,size=1G", "d,size=", "d,size=x",
		"d,size=0", "d,size=-1", "d,size=99999999999T", "d,format=vhd", "d,format=nbd",
		"d,format=", "d,e", "d,,,e", "d,"};
	struct werr *err = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct qemu_disk d = {0};

		assert_fails(qemu_disk_parse(bad[i], &d, &err), err, WERR_USAGE, "disk '");
	}
}

/*
 * The format that a file with these bytes is attached with, or the error. at: their offset; end:
 * the file's size.
 */
static int format_of(
	const char *bytes, size_t n, size_t at, size_t end, char format[16], struct werr **err)
{
	CLEANUP(free) char *dir = NULL;
	CLEANUP(free) char *path = NULL;
	CLEANUP(free) char *content = mem_new_array(char, end);
	CLEANUP(qemu_disk) struct qemu_disk d = {0};
	int r;

	memcpy(content + at, bytes, n);
	assert_int_equal(file_temp_dir("/tmp", "disk", &dir, NULL), 0);
	path = path_join(dir, "d");
	assert_int_equal(file_write_atomic(path, 0644, content, end, NULL), 0);
	assert_int_equal(qemu_disk_parse(path, &d, NULL), 0);
	r = qemu_disk_prepare(&d, err);
	if (r == 0)
		assert_int_equal(str_copy(format, 16, d.format), 0);
	assert_int_equal(file_remove_all(dir, NULL), 0);
	return r;
}

static void test_other_formats_are_not_raw(ATTR_UNUSED void **state)
{
	static const struct {
		const char *bytes, *what;
		size_t n, at, end;
	} other[] = {
		{"KDMV", "a VMDK image", 4, 0, 4096},
		{"COWD", "a VMDK image", 4, 0, 4096},
		{"# Disk DescriptorFile\nversion=1\n", "a VMDK descriptor", 33, 0, 300},
		{"vhdxfile", "a VHDX image", 8, 0, 4096},
		{"QED", "a QED image", 4, 0, 4096},
		{"conectix", "a VHD image", 8, 0, 4096},
		{"conectix", "a VHD image", 8, 4096, 4608},
		{"\x7f\x10\xda\xbe", "a VDI image", 4, 64, 4096},
		{"<<< Oracle VM VirtualBox Disk Image >>>\n", "a VDI image", 40, 0, 4096},
		{"WithoutFreeSpace", "a Parallels image", 16, 0, 4096},
		{"QFI\xfb\0\0\0\1", "a qcow image", 8, 0, 4096},
		/* A backing file; data in another file. */
		{"QFI\xfb\0\0\0\3\0\0\0\0\0\0\1", "names another file", 15, 0, 4096},
		{"QFI\xfb\0\0\0\2\1", "names another file", 9, 0, 4096},
	};
	struct werr *err = NULL;
	char format[16] = "";
	char header[80] = "QFI\xfb\0\0\0\3";

	for (size_t i = 0; i < ARRAY_SIZE(other); i++)
		assert_fails(format_of(other[i].bytes, other[i].n, other[i].at, other[i].end,
				     format, &err),
			err, WERR_INVALID, other[i].what);
	assert_ok(format_of(header, sizeof(header), 0, 4096, format, &err), err);
	assert_string_equal(format, "qcow2");
	header[79] = 4;
	assert_fails(format_of(header, sizeof(header), 0, 4096, format, &err), err, WERR_INVALID,
		"names another file");
	/* The content of a guest's raw disk. */
	assert_ok(format_of("LUKS\xba\xbe", 6, 0, 4096, format, &err), err);
	assert_string_equal(format, "raw");
	assert_ok(format_of("KDMV", 4, 1, 4096, format, &err), err);
	assert_string_equal(format, "raw");
	assert_ok(format_of("x", 1, 0, 1, format, &err), err);
	assert_string_equal(format, "raw");
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

	assert_ok(file_temp_dir("/tmp", "disk", &dir, &err), err);
	text = str_printf("%s/d,size=1G", dir);
	assert_ok(qemu_disk_parse(text, &d, &err), err);
	assert_ok(qemu_disk_prepare(&d, &err), err);
	assert_string_equal(d.format, "qcow2");
	assert_true(file_exists(d.path));
	qemu_disk_cleanup(&d);
	/* Then its first bytes decide. */
	assert_ok(qemu_disk_parse(text, &d, &err), err);
	assert_ok(qemu_disk_prepare(&d, &err), err);
	assert_string_equal(d.format, "qcow2");
	qemu_disk_cleanup(&d);
	/* A disk that can't be accessed is not created anew. */
	assert_ok(qemu_disk_parse(text, &d, &err), err);
	assert_int_equal(unlink(d.path), 0);
	assert_int_equal(symlink("d", d.path), 0);
	assert_fails(qemu_disk_prepare(&d, &err), err, WERR_FAILED, "can't access");
	qemu_disk_cleanup(&d);
	assert_ok(file_remove_all(dir, &err), err);
}

/* Raw and qcow2 are written here, the rest is left to qemu-img, which may be missing. */
static void test_what_needs_qemu_img(ATTR_UNUSED void **state)
{
	CLEANUP(free) char *dir = NULL;
	CLEANUP(free) char *old = str_dup(getenv("PATH"));
	struct werr *err = NULL;
	struct stat st;

	assert_ok(file_temp_dir("/tmp", "disk", &dir, &err), err);
	setenv("PATH", dir, 1);
	for (const char *const *f = (const char *const[]){"raw", "qcow2", "vdi", NULL}; *f; f++) {
		CLEANUP(free) char *text = str_printf("%s/%s,size=3G,format=%s", dir, *f, *f);
		CLEANUP(qemu_disk) struct qemu_disk d = {0};

		assert_ok(qemu_disk_parse(text, &d, &err), err);
		if (str_eq(*f, "vdi")) {
			assert_int_equal(qemu_disk_prepare(&d, &err), werr_code(WERR_NOT_FOUND));
			assert_string_equal(err->hint, "install the package qemu-utils");
			werr_free(STEAL(err));
			continue;
		}
		assert_ok(qemu_disk_prepare(&d, &err), err);
		assert_int_equal(stat(d.path, &st), 0);
		assert_int_equal(st.st_mode, S_IFREG | 0600);
		assert_true(st.st_blocks * 512 < 1 << 20);
		assert_true(str_eq(*f, "qcow2") || st.st_size == (off_t)3 << 30);
	}
	setenv("PATH", old, 1);
	assert_ok(file_remove_all(dir, &err), err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_parse_mistakes),
		cmocka_unit_test(test_other_formats_are_not_raw),
		cmocka_unit_test(test_format_is_read_off_the_file),
		cmocka_unit_test(test_missing_disk_is_made),
		cmocka_unit_test(test_what_needs_qemu_img),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
