/* SPDX-License-Identifier: Apache-2.0 */
/* Which packages share the run of a build step. */
#include "pkg/step-key.h"

#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "check.h"

static const char same[] = "image: a\nbuild:\n  run: make\n  packages: [gcc]\n";

static void write_file(const char *dir, const char *name, mode_t mode, const char *text)
{
	CLEANUP(free) char *path = path_join(dir, name);
	struct werr *err = NULL;

	assert_ok(file_write_atomic(path, mode, text, strlen(text), &err), err);
}

/* The key of a package whose directory has this build.yml. */
static char *key_of(const char *dir, const char *yml, const char *arch)
{
	CLEANUP(pkg_yml) struct pkg_yml *y = NULL;
	struct werr *err = NULL;
	char *key = NULL;

	write_file(dir, "build.yml", 0644, yml);
	assert_ok(pkg_yml_parse("build.yml", yml, strlen(yml), dir, &y, &err), err);
	assert_ok(step_key(y, "build.yml", dir, arch_find(arch), &key, &err), err);
	return key;
}

static void check(const char *dir, const char *key, const char *yml, const char *arch, bool equal)
{
	CLEANUP(free) char *other = key_of(dir, yml, arch);

	if (str_eq(key, other) != equal)
		fail_msg("%s for %s: %s, %s", yml, arch, key, other);
}

static void it_is_of_what_the_step_sees(ATTR_UNUSED void **state)
{
	CLEANUP(free) char *dir = NULL, *key = NULL, *script = NULL;
	struct werr *err = NULL;

	assert_ok(file_temp_dir("/tmp", "step-key", &dir, &err), err);
	write_file(dir, "a.c", 0644, "int a;\n");
	key = key_of(dir, same, "amd64");
	/* Another image out of the same step. */
	check(dir, key, same, "amd64", true);
	check(dir, key,
		"image: b\n# why\nbuild: {run: make, packages: [gcc]}\nconfig: {pid: host}\n"
		"files: [{path: x, source: $OUT/x}]\n",
		"amd64", true);
	check(dir, key, same, "arm64", false);
	check(dir, key, "image: a\nbuild: {run: make all, packages: [gcc]}\n", "amd64", false);
	check(dir, key, "image: a\nbuild: {run: make, packages: [gcc, perl]}\n", "amd64", false);
	check(dir, key, "image: a\nbuild: {run: make, packages: [gcc]}\nnetwork: true\n", "amd64",
		false);
	write_file(dir, "a.c", 0755, "int a;\n");
	check(dir, key, same, "amd64", false);
	write_file(dir, "a.c", 0644, "int b;\n");
	check(dir, key, same, "amd64", false);
	write_file(dir, "a.c", 0644, "int a;\n");
	write_file(dir, "more", 0644, "");
	check(dir, key, same, "amd64", false);
	script = path_join(dir, "more");
	assert_int_equal(file_remove_all(script, NULL), 0);
	check(dir, key, same, "amd64", true);
	assert_int_equal(file_remove_all(dir, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_of_what_the_step_sees),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
