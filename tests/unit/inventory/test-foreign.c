/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Databases of rpm and programs made by Go, of the fuzzers' corpus. small-pages and usual-pages
 * were made by rpm 4.18, and their pages by SQLite; `many` has a tree of several levels; `files`
 * are packages with files, also made by rpm 4.18.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "check.h"
#include "inventory/go-build.h"
#include "inventory/owners.h"
#include "inventory/rpm-header.h"
#include "inventory/rpm.h"
#include "software-text.h"

typedef int read_file(struct software_list *l, const struct io_range *file, struct werr **err);

/* The fd is the caller's. */
static struct io_range open_corpus(const char *dir, const char *name)
{
	CLEANUP(free) char *path = path_join(dir, name);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;

	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	return (struct io_range){fd, 0, (uint64_t)st.st_size};
}

static int read_corpus(const char *dir, const char *name, read_file *read, struct software_list *l,
	struct werr **err)
{
	const struct io_range file = open_corpus(dir, name);
	int r = read(l, &file, err);

	close(file.fd);
	return r;
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

static int count_header(ATTR_UNUSED const unsigned char *p, ATTR_UNUSED size_t size, void *ctx,
	ATTR_UNUSED struct werr **err)
{
	++*(size_t *)ctx;
	return 0;
}

/* All pointers of a page lead to one row of 50 bytes: it is not read for each of them. */
static void test_rpm_with_repeated_cells(void **state)
{
	const struct io_range file = open_corpus(*state, "rpm/repeated-cells");
	struct werr *err = NULL;
	size_t n = 0;

	assert_fails(rpm_visit_database(&file, count_header, &n, &err), err, WERR_CORRUPT,
		"its rows overlap");
	close(file.fd);
	assert_true(n > 0 && n <= file.size / 50);
}

/* The licence is there three times. The first two do not end, and are not looked at. */
static void test_rpm_with_repeated_tags(void **state)
{
	const struct io_range file = open_corpus(*state, "rpm/header-repeated");
	CLEANUP(free) unsigned char *bytes = mem_alloc(file.size);
	CLEANUP(software_list) struct software_list l = {0};
	struct werr *err = NULL;

	assert_ok(fd_read_at(file.fd, "header", 0, bytes, file.size, &err), err);
	close(file.fd);
	assert_ok(rpm_read_header(&l, bytes, file.size, &err), err);
	assert_int_equal(l.n, 1);
	assert_string_equal(l.items[0].text[SOFTWARE_LICENSE], "MIT");
}

/* ---- which package has which file ---- */

static int add_owners(const unsigned char *p, size_t size, void *ctx, ATTR_UNUSED struct werr **err)
{
	return owners_add_rpm(ctx, p, size) ? 0 : 1;
}

/* "NAME VERSION PATH" in each line. */
static char *owners_text(const struct owners *o)
{
	CLEANUP(buf) struct buf text = BUF_INIT(1 << 16);

	for (size_t i = 0; i < o->n_files; i++) {
		const struct owners_package *p = &o->packages[o->files[i].package];

		assert_int_equal(p->kind, SOFTWARE_RPM);
		buf_printf(&text, "%s %s %s\n", p->name, p->version, o->files[i].path);
	}
	return buf_steal(&text);
}

static void test_files_of_rpm(void **state)
{
	const struct io_range file = open_corpus(*state, "rpm/files");
	CLEANUP(owners) struct owners o = {0};
	CLEANUP(free) char *is = NULL;
	struct werr *err = NULL;

	assert_ok(rpm_visit_database(&file, add_owners, &o, &err), err);
	close(file.fd);
	is = owners_text(&o);
	assert_string_equal(is, "beta 7-1 usr/lib/libbeta.so\n"
				"alpha 1.2-3.fc40 usr/bin/alpha\n"
				"alpha 1.2-3.fc40 usr/bin/alpha-link\n"
				"alpha 1.2-3.fc40 usr/lib/alpha\n"
				"alpha 1.2-3.fc40 usr/lib/alpha/libalpha.so\n"
				"alpha 1.2-3.fc40 var/log/alpha.log\n");
}

/* A header whose first file is in a directory that there is not, and one with too many of them. */
static void test_files_of_a_broken_rpm(void **state)
{
	static const struct {
		const char *name;
		size_t packages, files;
	} broken[] = {{"rpm/header-files", 1, 5}, {"rpm/header-files-index", 1, 4},
		{"rpm/header-files-count", 0, 0}, {"rpm/header-no-name", 0, 0}};

	for (size_t i = 0; i < ARRAY_SIZE(broken); i++) {
		const struct io_range file = open_corpus(*state, broken[i].name);
		CLEANUP(free) unsigned char *bytes = mem_alloc(file.size);
		CLEANUP(owners) struct owners o = {0};
		struct werr *err = NULL;

		assert_ok(fd_read_at(file.fd, "header", 0, bytes, file.size, &err), err);
		close(file.fd);
		(void)owners_add_rpm(&o, bytes, file.size);
		assert_int_equal(o.n, broken[i].packages);
		assert_int_equal(o.n_files, broken[i].files);
	}
}

/* A directory as long as no path can be, which many files name: none of them is kept. */
static void test_files_with_too_long_paths(ATTR_UNUSED void **state)
{
	CLEANUP(buf) struct buf text = BUF_INIT(1 << 20);
	CLEANUP(owners) struct owners o = {0};

	buf_puts(&text, "P:musl\nV:1\nF:");
	buf_fill(&text, 'd', PATH_MAX_BYTES);
	buf_puts(&text, "\nR:a\nR:b\nF:lib\nR:c\n");
	assert_true(owners_add_apk(&o, buf_str(&text), text.len));
	assert_int_equal(o.n_files, 1);
	assert_string_equal(o.files[0].path, "lib/c");
}

/* Paths count before they are made, also those that can't be used; the first too many ends it. */
static void test_files_without_room(ATTR_UNUSED void **state)
{
	static const char list[] = "P:musl\nV:1\nF:lib\nR:a\nR:..\nR:long\nR:b\n";
	static const char lines[] = "/b\n/c\n";
	CLEANUP(owners) struct owners o = {.bytes = OWNERS_SIZE_MAX - 14};

	assert_false(owners_add_apk(&o, list, strlen(list)));
	assert_int_equal(o.n_files, 1);
	assert_string_equal(o.files[0].path, "lib/a");
	assert_int_equal(o.bytes, OWNERS_SIZE_MAX - 3);
	assert_false(owners_add_list(&o, "libc6", lines, strlen(lines)));
	assert_int_equal(o.n_files, 2);
	assert_string_equal(o.files[1].path, "b");
	assert_int_equal(o.bytes, OWNERS_SIZE_MAX);
}

static void test_too_many_files(ATTR_UNUSED void **state)
{
	static const char list[] = "P:musl\nF:lib\nR:a\n";
	static const char sum[] = "d41d8cd98f00b204e9800998ecf8427e  usr/bin/a\n";
	CLEANUP(owners) struct owners o = {.n_files = OWNERS_FILES_MAX};

	assert_false(owners_add_apk(&o, list, strlen(list)));
	assert_false(owners_add_sums(&o, "a", sum, strlen(sum)));
	assert_int_equal(o.n_files, OWNERS_FILES_MAX);
	assert_int_equal(o.bytes, 0);
	o.n_files = 0;
}

/* A rpm_visit_file. */
static bool count_two(ATTR_UNUSED const char *dir, ATTR_UNUSED const char *name, void *ctx)
{
	return ++*(size_t *)ctx < 2;
}

static void test_end_of_visits(void **state)
{
	const struct io_range file = open_corpus(*state, "rpm/header-files");
	CLEANUP(free) unsigned char *bytes = mem_alloc(file.size);
	struct rpm_header h;
	struct werr *err = NULL;
	size_t n = 0;

	assert_ok(fd_read_at(file.fd, "header", 0, bytes, file.size, &err), err);
	close(file.fd);
	assert_ok(rpm_header_read(&h, bytes, file.size, &err), err);
	assert_false(rpm_visit_files(&h, count_two, &n));
	assert_int_equal(n, 2);
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
		cmocka_unit_test_prestate(test_rpm_with_repeated_cells, argv[1]),
		cmocka_unit_test_prestate(test_rpm_with_repeated_tags, argv[1]),
		cmocka_unit_test_prestate(test_files_of_rpm, argv[1]),
		cmocka_unit_test_prestate(test_files_of_a_broken_rpm, argv[1]),
		cmocka_unit_test(test_files_with_too_long_paths),
		cmocka_unit_test(test_files_without_room),
		cmocka_unit_test(test_too_many_files),
		cmocka_unit_test_prestate(test_end_of_visits, argv[1]),
		cmocka_unit_test_prestate(test_go, argv[1]),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
