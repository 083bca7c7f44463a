/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/inventory.h"

#include <string.h>

#include "base/cancel.h"
#include "check.h"
#include "software-text.h"

struct file {
	const char *path, *text;
	uint32_t mode; /* 0: a regular file */
};

static struct inventory must_read(const struct file *files)
{
	CLEANUP(tree) struct tree *t = NULL;
	struct inventory i;
	struct werr *err = NULL;

	assert_ok(tree_new(&t, "/tmp", &err), err);
	for (; files->path; files++) {
		const struct tree_meta meta = {.mode = files->mode ? files->mode : S_IFREG | 0644};
		bool link = S_ISLNK(meta.mode);
		CLEANUP(reader)
		struct reader *content =
			link ? NULL : mem_reader_new(files->text, strlen(files->text));

		assert_ok(tree_put(t, files->path, &meta, link ? files->text : NULL, content, NULL,
				  NULL, &err),
			err);
	}
	assert_ok(inventory_read(t, &i, &err), err);
	return i;
}

static void assert_found(const struct file *files, const char *software, const char *notes)
{
	CLEANUP(inventory) struct inventory i = must_read(files);
	CLEANUP(free) char *is = software_text(&i.software);
	CLEANUP(free) char *noted = strv_join(&i.notes, "\n");

	assert_string_equal(is, software);
	assert_string_equal(noted, notes);
}

#define PACKAGE(name_, status_, more_)                                         \
	"Package: " name_ "\nStatus: " status_ "\nArchitecture: amd64\n" more_ \
	"Description: first line\n Package: not-this\n\n"
#define FORMAT "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n"

static void test_dpkg(ATTR_UNUSED void **state)
{
	static const struct file files[] = {
		{"var/lib/dpkg/status",
			PACKAGE("libc6", "install ok installed",
				"Source: glibc (2.36-9)\nVersion: 2.36-9+deb12u1\n") PACKAGE("acl",
				"install ok installed", "Version: 2.3.1-3\n") PACKAGE("half",
				"install ok half-configured", "Version: 1\nSource: h\n")
				PACKAGE("left", "deinstall ok config-files", "Version: 1\n")
					PACKAGE("purged", "purge ok not-installed", "Version: 1\n")
						PACKAGE("no-version", "install ok installed", "")},
		{"usr/share/doc/acl/copyright",
			FORMAT "License: GPL-3\n\nFiles: *\nLicense: GPL-2+\n text\n\n"
			       "Files: a\nLicense: Expat\n\nFiles: b\nLicense: GPL-2+\n\n"
			       "License: Apache-2.0\n text\n"},
		{"usr/share/doc/libc6", "half", S_IFLNK | 0777},
		{"usr/share/doc/half/copyright", FORMAT "License: ISC\n"},
		{0},
	};

	assert_found(files,
		"deb acl 2.3.1-3 - amd64 acl 2.3.1-3 GPL-2+|Expat\n"
		"deb half 1 - amd64 h 1 ISC\n"
		"deb libc6 2.36-9+deb12u1 - amd64 glibc 2.36-9 ISC\n",
		"");
}

static void test_a_copyright_file_in_another_format_says_nothing(ATTR_UNUSED void **state)
{
	static const struct file files[] = {
		{"var/lib/dpkg/status", PACKAGE("a", "install ok installed", "Version: 1\n")},
		{"usr/share/doc/a/copyright", "It was packaged by nobody.\n\nLicense: GPL-2\n"},
		{0},
	};

	assert_found(files, "deb a 1 - amd64 a 1 -\n", "");
}

static void test_a_file_for_each_package(ATTR_UNUSED void **state)
{
	static const struct file files[] = {
		{"var/lib/dpkg/status.d/base", "Package: base-files\nVersion: 12\n"},
		{"var/lib/dpkg/status.d/base.md5sums", "Package: not-this\nVersion: 12\n"},
		{"var/lib/dpkg/status.d/tz", "Package: tzdata\nVersion: 2024a\r\n"},
		{0},
	};

	assert_found(files,
		"deb base-files 12 - - base-files 12 -\ndeb tzdata 2024a - - tzdata 2024a -\n", "");
}

static void test_apk_through_a_link(ATTR_UNUSED void **state)
{
	static const struct file files[] = {
		{"lib", "usr/lib", S_IFLNK | 0777},
		{"usr/lib/apk/db/installed",
			"C:Q1x=\nP:musl\nV:1.2.5-r0\nA:x86_64\nL:MIT\no:musl\nF:lib\nR:x\n\n"
			"P:busybox\nV:1.36.1-r29\nA:x86_64\nL:GPL-2.0-only\no:busybox\n"},
		{0},
	};

	assert_found(files,
		"apk busybox 1.36.1-r29 - x86_64 busybox - GPL-2.0-only\n"
		"apk musl 1.2.5-r0 - x86_64 musl - MIT\n",
		"");
}

static void test_what_cannot_be_read_is_noted(ATTR_UNUSED void **state)
{
	static const struct file older[] = {{"var/lib/rpm/Packages", "x"}, {0}};
	static const struct file broken[] = {
		{"var/lib/rpm/rpmdb.sqlite", "x"}, {"var/lib/rpm/Packages", "x"}, {0}};

	assert_found(older, "",
		"/var/lib/rpm/Packages is a database of rpm in an older format than SQLite");
	assert_found(broken, "",
		"/var/lib/rpm/rpmdb.sqlite can't be read: broken SQLite database: it is too short");
}

static void test_the_release(ATTR_UNUSED void **state)
{
	static const struct file files[] = {
		{"usr/lib/os-release", "NAME=x\nID=debian\nVERSION_ID=\"12\"\nID=other\n"},
		{"etc/os-release", "../usr/lib/os-release", S_IFLNK | 0777}, {0}};
	static const struct file odd[] = {{"etc/os-release", "ID=a/b?c\n"}, {0}};
	CLEANUP(inventory) struct inventory i = must_read(files);
	CLEANUP(inventory) struct inventory none = must_read(odd);

	assert_string_equal(i.distro, "debian");
	assert_string_equal(i.release, "12");
	assert_string_equal(none.distro, "a");
	assert_string_equal(none.release, "");
}

static void test_control_characters_end_a_text(ATTR_UNUSED void **state)
{
	static const struct file files[] = {
		{"var/lib/dpkg/status",
			"Package: a\x1b[1mb\nVersion: 1\n\nPackage: \x01\nVersion: 1\n"},
		{0},
	};

	assert_found(files, "deb a 1 - - a 1 -\n", "");
}

static void test_a_text_can_be_read_again(ATTR_UNUSED void **state)
{
	static const struct file files[] = {
		{"var/lib/dpkg/status", PACKAGE("a", "install ok installed", "Version: 1\n")},
		{"var/lib/rpm/Packages", "x"}, {"etc/os-release", "ID=debian\n"}, {0}};
	CLEANUP(inventory) struct inventory i = must_read(files), again = {0};
	CLEANUP(buf) struct buf text = BUF_INIT(1 << 20), second = BUF_INIT(1 << 20);
	struct werr *err = NULL;

	inventory_write(&i, &text);
	assert_ok(inventory_parse(buf_str(&text), text.len, &again, &err), err);
	inventory_write(&again, &second);
	assert_int_equal(text.len, second.len);
	assert_memory_equal(text.data, second.data, text.len);
	for (size_t n = 0; n < text.len; n++) {
		CLEANUP(inventory) struct inventory cut = {0};

		/* Without an item it is whole as well. */
		if (inventory_parse(buf_str(&text), n, &cut, NULL) == 0)
			assert_int_equal(cut.software.n, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dpkg),
		cmocka_unit_test(test_a_copyright_file_in_another_format_says_nothing),
		cmocka_unit_test(test_a_file_for_each_package),
		cmocka_unit_test(test_apk_through_a_link),
		cmocka_unit_test(test_what_cannot_be_read_is_noted),
		cmocka_unit_test(test_the_release),
		cmocka_unit_test(test_control_characters_end_a_text),
		cmocka_unit_test(test_a_text_can_be_read_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
