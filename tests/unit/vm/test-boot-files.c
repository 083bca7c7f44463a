/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "vm/qemu.h"

static const struct boot_wish plain;

struct directory {
	char *dir, *path;
};

static int setup(void **state)
{
	struct directory *f = mem_new(struct directory);

	*state = f;
	if (file_temp_dir("/tmp", "boot", &f->dir, NULL) < 0)
		return -1;
	f->path = str_printf("%s/os", f->dir);
	return 0;
}

static int teardown(void **state)
{
	struct directory *f = *state;

	file_remove_all(f->dir, NULL);
	free(f->dir);
	free(f->path);
	free(f);
	return 0;
}

static void put(const struct directory *f, const char *ending, const void *p, size_t size)
{
	CLEANUP(free) char *path = str_printf("%s%s", f->path, ending);

	assert_int_equal(file_write_atomic(path, 0644, p, size, NULL), 0);
}

/* Expect what the kernel of that architecture is known by. */
static void assert_arch(
	const struct directory *f, const char *kernel, size_t size, const char *arch)
{
	struct boot_files files = {0};
	struct werr *err = NULL;

	put(f, "-kernel", kernel, size);
	assert_ok(boot_files_find(f->path, &plain, &files, &err), err);
	if (arch)
		assert_string_equal(files.arch, arch);
	else
		assert_null(files.arch);
	assert_string_equal(files.cmdline, "a b");
	assert_true(str_ends_with(files.initrd, "/os-initrd.img"));
	boot_files_cleanup(&files);
}

static void test_files_and_architecture(void **state)
{
	static const struct {
		const char *arch;
		size_t at, size;
		const char *magic;
	} rows[] = {
		{"amd64", 0x202, 4, "HdrS"}, {"arm64", 0x38, 4, "ARMd"},
		{"riscv64", 0x38, 4, "RSC\x05"},
		{"ppc64le", 18, 14, "\x15\0\1\0\0\0\0\0\0\0\0\0\0\xc0"},
		{NULL, 18, 14, "\x15\0\1\0\0\0\0\1\0\0\0\0\0\0"}, /* a program for it */
	};
	const struct directory *f = *state;

	put(f, "-initrd.img", "", 0);
	put(f, "-cmdline", "a b \n", 5);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char kernel[1024] = {0};

		memcpy(kernel + rows[i].at, rows[i].magic, rows[i].size);
		assert_arch(f, kernel, sizeof(kernel), rows[i].arch);
	}
	assert_arch(f, "?", 1, NULL);
}

/* The command line of the output with this one, and a root. */
static void assert_root(const struct directory *f, const char *cmdline, const char *expected)
{
	struct boot_files files = {0};
	struct werr *err = NULL;

	put(f, "-cmdline", cmdline, strlen(cmdline));
	assert_ok(boot_files_find(f->path, &plain, &files, &err), err);
	assert_string_equal(files.cmdline, expected);
	assert_true(str_ends_with(files.root, "/os-squashfs.img"));
	boot_files_cleanup(&files);
}

static void test_root_on_a_disk(void **state)
{
	static const char *const with_root[] = {
		"root=LABEL=x", "quiet root=/dev/sda ro", "quiet \"root=LABEL=the root\"", NULL};
	const struct directory *f = *state;
	struct boot_files files = {0};
	struct werr *err = NULL;

	put(f, "-kernel", "?", 1);
	put(f, "-squashfs.img", "", 0);
	assert_ok(boot_files_find(f->path, &plain, &files, &err), err);
	assert_string_equal(files.cmdline, "root=/dev/vda");
	assert_null(files.initrd);
	boot_files_cleanup(&files);
	assert_root(f, "quiet\n", "quiet root=/dev/vda");
	assert_root(f, "x.root=1 rootwait", "x.root=1 rootwait root=/dev/vda");
	for (const char *const *c = with_root; *c; c++)
		assert_root(f, *c, *c);
	/* What finds it. */
	put(f, "-boot-initrd.img", "", 0);
	assert_ok(boot_files_find(f->path, &plain, &files, &err), err);
	assert_true(str_ends_with(files.initrd, "/os-boot-initrd.img"));
	assert_non_null(files.root);
	assert_null(files.other);
	boot_files_cleanup(&files);
}

static void test_several_roots(void **state)
{
	const struct boot_wish squashfs = {.root = "squashfs"}, initrd = {.root = "initrd"};
	const struct boot_wish erofs = {.root = "erofs"};
	const struct directory *f = *state;
	struct boot_files files = {0};
	struct werr *err = NULL;

	put(f, "-kernel", "?", 1);
	put(f, "-squashfs.img", "", 0);
	assert_int_equal(
		boot_files_find(f->path, &initrd, &files, &err), werr_code(WERR_NOT_FOUND));
	assert_non_null(strstr(err->message, "os-initrd.img"));
	werr_free(STEAL(err));
	put(f, "-boot-initrd.img", "", 0);
	put(f, "-initrd.img", "", 0);
	assert_ok(boot_files_find(f->path, &plain, &files, &err), err);
	assert_string_equal(files.kind, "initrd");
	assert_string_equal(files.other, "squashfs");
	assert_true(str_ends_with(files.initrd, "/os-initrd.img"));
	assert_null(files.root);
	boot_files_cleanup(&files);
	assert_ok(boot_files_find(f->path, &squashfs, &files, &err), err);
	assert_string_equal(files.kind, "squashfs");
	assert_true(str_ends_with(files.initrd, "/os-boot-initrd.img"));
	assert_true(str_ends_with(files.root, "/os-squashfs.img"));
	boot_files_cleanup(&files);
	put(f, "-erofs.img", "", 0);
	assert_ok(boot_files_find(f->path, &erofs, &files, &err), err);
	assert_string_equal(files.kind, "erofs");
	assert_true(str_ends_with(files.initrd, "/os-boot-initrd.img"));
	assert_true(str_ends_with(files.root, "/os-erofs.img"));
	boot_files_cleanup(&files);
}

/* A NAME.iso can be a CD that boots by itself. */
static void test_iso_is_a_root_when_nothing_else_is(void **state)
{
	const struct boot_wish iso = {.root = "iso"};
	const struct directory *f = *state;
	struct boot_files files = {0};
	struct werr *err = NULL;

	put(f, "-kernel", "?", 1);
	assert_fails(boot_files_find(f->path, &iso, &files, &err), err, WERR_NOT_FOUND, "/os.iso");
	put(f, ".iso", "", 0);
	put(f, "-boot-initrd.img", "", 0);
	assert_ok(boot_files_find(f->path, &plain, &files, &err), err);
	assert_string_equal(files.kind, "iso");
	assert_true(str_ends_with(files.initrd, "/os-boot-initrd.img"));
	assert_true(str_ends_with(files.root, "/os.iso"));
	boot_files_cleanup(&files);
	put(f, "-erofs.img", "", 0);
	assert_ok(boot_files_find(f->path, &plain, &files, &err), err);
	assert_string_equal(files.kind, "erofs");
	assert_null(files.other);
	boot_files_cleanup(&files);
	put(f, "-initrd.img", "", 0);
	assert_ok(boot_files_find(f->path, &plain, &files, &err), err);
	assert_string_equal(files.kind, "initrd");
	assert_string_equal(files.other, "erofs");
	boot_files_cleanup(&files);
	assert_ok(boot_files_find(f->path, &iso, &files, &err), err);
	assert_string_equal(files.kind, "iso");
	assert_true(str_ends_with(files.root, "/os.iso"));
	boot_files_cleanup(&files);
}

static void test_missing_files_say_what_to_do(void **state)
{
	const struct directory *f = *state;
	CLEANUP(free) char *ending = str_printf("%s-kernel", f->path);
	struct boot_files files = {0};
	struct werr *err = NULL;

	assert_int_equal(boot_files_find(f->path, &plain, &files, &err), werr_code(WERR_NOT_FOUND));
	assert_non_null(strstr(err->hint, "wherry build"));
	werr_free(err);
	err = NULL;
	put(f, "-kernel", "?", 1);
	assert_fails(
		boot_files_find(f->path, &plain, &files, &err), err, WERR_NOT_FOUND, "-initrd.img");
	assert_int_equal(boot_files_find(ending, &plain, &files, &err), werr_code(WERR_NOT_FOUND));
	assert_non_null(strstr(err->hint, "leave off the suffix"));
	werr_free(err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_files_and_architecture, setup, teardown),
		cmocka_unit_test_setup_teardown(test_root_on_a_disk, setup, teardown),
		cmocka_unit_test_setup_teardown(test_several_roots, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_iso_is_a_root_when_nothing_else_is, setup, teardown),
		cmocka_unit_test_setup_teardown(test_missing_files_say_what_to_do, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
