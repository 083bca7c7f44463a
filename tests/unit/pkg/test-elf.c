/* SPDX-License-Identifier: Apache-2.0 */
#include "pkg/elf.h"

#include <sys/mman.h>

#include "base/file.h"
#include "base/mem.h"
#include "check.h"
#include "elf-sample.h"

/* From a file that has other bytes around it. */
static int read_elf(const void *p, size_t size, struct elf *ret, struct werr **err)
{
	CLEANUP(fd) int fd = memfd_create("elf", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(fd_write_all(fd, "before", 6), 0);
	assert_int_equal(fd_write_all(fd, p, size), 0);
	assert_int_equal(fd_write_all(fd, "after", 5), 0);
	return elf_read(&(struct io_range){fd, 6, size}, ret, err);
}

static const struct sample program = {
	.machine = EM_X86_64,
	.interpreter = "/lib64/ld-linux-x86-64.so.2",
	.runpath = "$ORIGIN/../lib:/opt/lib",
	.rpath = "/ignored",
	.needed = {"libfoo.so.1", "libc.so.6"},
};

static void check_program(const struct sample *s)
{
	CLEANUP(buf) struct buf b = BUF_INIT(1 << 16);
	CLEANUP(elf) struct elf e = {0};
	struct werr *err = NULL;

	sample_elf(&b, s);
	assert_ok(read_elf(b.data, b.len, &e, &err), err);
	assert_true(e.is_elf && e.is_dynamic);
	assert_int_equal(e.machine, s->machine);
	assert_string_equal(e.interpreter, "/lib64/ld-linux-x86-64.so.2");
	assert_int_equal(e.needed.n, 2);
	assert_string_equal(e.needed.items[0], "libfoo.so.1");
	assert_string_equal(e.needed.items[1], "libc.so.6");
	assert_int_equal(e.search.n, 2);
	assert_string_equal(e.search.items[0], "$ORIGIN/../lib");
	assert_string_equal(e.search.items[1], "/opt/lib");
}

static void reads_both_classes_and_byte_orders(void **state)
{
	struct sample s = program;

	(void)state;
	check_program(&s);
	s.narrow = true;
	check_program(&s);
	s.big_endian = true;
	check_program(&s);
	s.narrow = false;
	check_program(&s);
}

static void rpath_counts_where_there_is_no_runpath(void **state)
{
	CLEANUP(buf) struct buf b = BUF_INIT(1 << 16);
	CLEANUP(elf) struct elf e = {0};
	struct sample s = program;
	struct werr *err = NULL;

	(void)state;
	s.runpath = NULL;
	sample_elf(&b, &s);
	assert_ok(read_elf(b.data, b.len, &e, &err), err);
	assert_int_equal(e.search.n, 1);
	assert_string_equal(e.search.items[0], "/ignored");
}

static void other_files_are_not_elf(void **state)
{
	static const char script[] =
		"#!/bin/sh\necho this is longer than an ELF header, which is 64 bytes\n";
	struct werr *err = NULL;
	struct elf e;

	(void)state;
	assert_ok(read_elf("", 0, &e, &err), err);
	assert_false(e.is_elf);
	assert_ok(read_elf(script, sizeof(script), &e, &err), err);
	assert_false(e.is_elf);
	assert_ok(read_elf("\177ELF", 4, &e, &err), err);
	assert_false(e.is_elf);
}

/* Whatever is missing at the end: an error, or what can be known without it, but never a read
 * beyond. */
static void cut_files_are_corrupt(void **state)
{
	CLEANUP(buf) struct buf b = BUF_INIT(1 << 16);
	struct werr *err = NULL;

	(void)state;
	sample_elf(&b, &program);
	for (size_t size = sizeof(Elf64_Ehdr); size < b.len; size++) {
		struct elf e;

		assert_fails(
			read_elf(b.data, size, &e, &err), err, WERR_CORRUPT, "broken ELF file");
	}
}

static void the_test_itself_is_a_program(void **state)
{
	CLEANUP(free) char *self = NULL;
	CLEANUP(elf) struct elf e = {0};
	struct werr *err = NULL;
	size_t size;

	(void)state;
	assert_ok(file_read("/proc/self/exe", 64 << 20, &self, &size, &err), err);
	assert_ok(read_elf(self, size, &e, &err), err);
	assert_true(e.is_dynamic);
	assert_non_null(e.interpreter);
	assert_true(strv_has(&e.needed, "libc.so.6"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_both_classes_and_byte_orders),
		cmocka_unit_test(rpath_counts_where_there_is_no_runpath),
		cmocka_unit_test(other_files_are_not_elf),
		cmocka_unit_test(cut_files_are_corrupt),
		cmocka_unit_test(the_test_itself_is_a_program),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
