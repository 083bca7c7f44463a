/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Databases of rpm and programs made by Go, of the fuzzers' corpus. small-pages and usual-pages
 * were made by rpm 4.18, and their pages by SQLite; `many` has a tree of several levels.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/path.h"
#include "base/str.h"
#include "check.h"
#include "inventory/go-build.h"
#include "inventory/rpm.h"
#include "software-text.h"

typedef int read_file(struct software_list *l, const struct io_range *file, struct werr **err);

static int read_corpus(const char *dir, const char *name, read_file *read, struct software_list *l,
	struct werr **err)
{
	CLEANUP(free) char *path = path_join(dir, name);
	CLEANUP(fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;

	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	return read(l, &(struct io_range){fd, 0, (uint64_t)st.st_size}, err);
}

static void assert_found(const char *dir, const char *name, read_file *read, const char *expected)
{
	CLEANUP(software_list) struct software_list l = {0};
	CLEANUP(free) char *is = NULL;
	struct werr *err = NULL;

	assert_ok(read_corpus(dir, name, read, &l, &err), err);
	software_sort(&l);
	is = software_text(&l);
	assert_string_equal(is, expected);
}

static void test_rpm(void **state)
{
	static const char expected[] =
		"rpm libalpha 1.2-3.fc40 - noarch libalpha-1.2-3.fc40.src.rpm - "
		"GPLv2+ and Public Domain\n"
		"rpm libbeta 1.2-3.fc40 2 noarch libbeta-1.2-3.fc40.src.rpm - "
		"MIT AND (GPL-2.0-or-later OR Artistic-1.0-Perl)\n";

	assert_found(*state, "rpm/small-pages", rpm_read_database, expected);
	assert_found(*state, "rpm/usual-pages", rpm_read_database, expected);
}

static void test_rpm_with_many_packages(void **state)
{
	CLEANUP(software_list) struct software_list l = {0};
	struct werr *err = NULL;

	assert_ok(read_corpus(*state, "rpm/many", rpm_read_database, &l, &err), err);
	software_sort(&l);
	assert_int_equal(l.n, 80);
	for (size_t i = 0; i < l.n; i++) {
		CLEANUP(free) char *name = str_printf("lib%03zu", i);
		CLEANUP(free) char *version = str_printf("1.%zu-1", i);

		assert_string_equal(l.items[i].text[SOFTWARE_NAME], name);
		assert_string_equal(l.items[i].text[SOFTWARE_VERSION], version);
	}
}

static void test_rpm_that_is_broken(void **state)
{
	CLEANUP(software_list) struct software_list l = {0};
	struct werr *err = NULL;

	assert_fails(read_corpus(*state, "rpm/other", rpm_read_database, &l, &err), err,
		WERR_CORRUPT, "too short");
	assert_fails(read_corpus(*state, "rpm/header", rpm_read_database, &l, &err), err,
		WERR_CORRUPT, "does not begin as one");
	assert_fails(read_corpus(*state, "rpm/cut", rpm_read_database, &l, &err), err, WERR_CORRUPT,
		"beyond its end");
	assert_int_equal(l.n, 0);
}

static void test_go(void **state)
{
	static const char expected[] = "go example.test/Tool v1.2.3 - - - - -\n"
				       "go example.test/new v1.0.1 - - - - -\n"
				       "go github.com/A/b v0.1.0 - - - - -\n"
				       "go stdlib 1.22.1 - - - - -\n";

	assert_found(*state, "go-build/elf64", go_build_read, expected);
	assert_found(*state, "go-build/elf32-big", go_build_read, expected);
	assert_found(*state, "go-build/elf-none", go_build_read, "");
	assert_found(*state, "go-build/section", go_build_read, "");
}

int main(ATTR_UNUSED int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_prestate(test_rpm, argv[1]),
		cmocka_unit_test_prestate(test_rpm_with_many_packages, argv[1]),
		cmocka_unit_test_prestate(test_rpm_that_is_broken, argv[1]),
		cmocka_unit_test_prestate(test_go, argv[1]),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
