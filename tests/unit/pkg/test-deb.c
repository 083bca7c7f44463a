/* SPDX-License-Identifier: Apache-2.0 */
/* Debian packages made by dpkg-deb, in every compression that it has. */
#include "pkg/deb.h"

#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/process.h"
#include "base/str.h"
#include "temp-dir.h"

static void make(const char *dir, const char *compression)
{
	CLEANUP(free)
	char *script = str_printf(
		"mkdir -p d/DEBIAN d/usr/bin && cd d && echo hello > usr/bin/x && "
		"ln -sf x usr/bin/y && ln -f usr/bin/x usr/bin/z && "
		"printf 'Package: tool\\nVersion: 1:2-3\\nArchitecture: amd64\\nSource: kit (4)\\n"
		"Maintainer: t <t@example.test>\\nDescription: x\\n' > DEBIAN/control && cd .. && "
		"dpkg-deb --root-owner-group -Z%s --uniform-compression -b d tool.deb",
		compression);
	const char *const argv[] = {"/bin/sh", "-ec", script, NULL};
	struct werr *err = NULL;

	assert_ok(
		process_run_ok(&(struct process_spec){.argv = argv, .cwd = dir}, NULL, &err), err);
}

static int read_deb(const char *dir, struct deb_info *info, struct tree *files, struct werr **err)
{
	CLEANUP(free) char *path = path_join(dir, "tool.deb");
	CLEANUP(fd) int fd = -1;

	assert_ok(file_open(path, &fd, err), *err);
	return deb_read(fd, "tool.deb", "/tmp", info, files, err);
}

static void all_compressions_are_read(void **state)
{
	static const char *const compressions[] = {"xz", "zstd", "gzip", "none"};

	for (size_t i = 0; i < ARRAY_SIZE(compressions); i++) {
		CLEANUP(deb_info) struct deb_info info = {0};
		CLEANUP(tree) struct tree *t = NULL;
		struct werr *err = NULL;

		make(*state, compressions[i]);
		assert_ok(tree_new(&t, "/tmp", &err), err);
		assert_ok(read_deb(*state, &info, t, &err), err);
		assert_string_equal(info.name, "tool");
		assert_string_equal(info.version, "1:2-3");
		assert_string_equal(info.architecture, "amd64");
		assert_string_equal(info.source, "kit");
		assert_string_equal(info.source_version, "4");
		assert_int_equal(tree_find(t, "usr/bin/x")->file->size, 6);
		assert_int_equal(tree_find(t, "usr/bin/z")->file->links, 2);
		assert_string_equal(tree_find(t, "usr/bin/y")->target, "x");
		assert_null(tree_find(t, "control"));
	}
}

/* Wherever the file ends too early, that is noticed. */
static void cut_packages_are_corrupt(void **state)
{
	CLEANUP(free) char *path = path_join(*state, "tool.deb");
	CLEANUP(free) char *whole = NULL;
	struct werr *err = NULL;
	size_t size;

	make(*state, "xz");
	assert_ok(file_read(path, 1 << 20, &whole, &size, &err), err);
	for (size_t cut = 0; cut < size; cut += 7) {
		CLEANUP(tree) struct tree *t = NULL;
		struct deb_info info;

		assert_ok(file_write_atomic(path, 0644, whole, cut, &err), err);
		assert_ok(tree_new(&t, "/tmp", &err), err);
		assert_fails(read_deb(*state, &info, t, &err), err, WERR_CORRUPT, "tool.deb");
	}
}

static void control_needs_name_version_and_architecture(void **state)
{
	CLEANUP(deb_info) struct deb_info info = {0};
	struct werr *err = NULL;

	(void)state;
	assert_fails(deb_parse_control("a.deb", "Package: a\nVersion: 1\n", &info, &err), err,
		WERR_CORRUPT, "a.deb");
	assert_ok(deb_parse_control("a.deb",
			  "Package: a\nVersion: 1\nArchitecture: all\n\nVersion: 2\n", &info, &err),
		err);
	assert_string_equal(info.version, "1");
	assert_string_equal(info.source, "a");
	assert_string_equal(info.source_version, "1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_IN_DIR(all_compressions_are_read),
		TEST_IN_DIR(cut_packages_are_corrupt),
		cmocka_unit_test(control_needs_name_version_and_architecture),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
