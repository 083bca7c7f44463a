/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <string.h>

#include "cli/completion.h"

/* What is offered after these words. */
static const char *after(struct buf *b, const char *const *words)
{
	struct context ctx = {.global = {.cache = "/nowhere/at/all"}};

	buf_truncate(b, 0);
	completion_candidates(&ctx, b, words);
	return buf_str(b);
}
#define AFTER(b_, ...) after(b_, (const char *const[]){__VA_ARGS__, NULL})

static void test_verbs(ATTR_UNUSED void **state)
{
	CLEANUP(buf) struct buf b = BUF_INIT(1 << 16);

	assert_string_equal(AFTER(&b, "vers"), "version\tShow the version\n");
	assert_non_null(strstr(AFTER(&b, ""), "completion\t"));
	assert_null(strstr(AFTER(&b, ""), "complete\t"));
	assert_string_equal(AFTER(&b, "--cache", "version", "vers"), "version\tShow the version\n");
	assert_string_equal(AFTER(&b, "cac"), "cache\n");
	assert_string_equal(
		AFTER(&b, "cache", "im"), "import\tImport images into the cache from files\n");
	assert_string_equal(AFTER(&b, "help", "vers"), "version\tShow the version\n");
}

static void test_options(ATTR_UNUSED void **state)
{
	CLEANUP(buf) struct buf b = BUF_INIT(1 << 16);

	assert_string_equal(AFTER(&b, "version", "--qu"), "--quiet\tPrint nothing but errors\n");
	assert_string_equal(AFTER(&b, "version", "--", "--qu"), "");
	assert_string_equal(AFTER(&b, "--cache", ""), ":directories\n");
	assert_string_equal(AFTER(&b, "--cache=x"), ":directories\n");
	assert_string_equal(AFTER(&b, "build", "--format=tar-k"), "--format=tar-kernel-initrd\n");
	assert_string_equal(AFTER(&b, "build", "--nosuch=x"), "");
}

static void test_values(ATTR_UNUSED void **state)
{
	CLEANUP(buf) struct buf b = BUF_INIT(1 << 16);

	assert_string_equal(AFTER(&b, "run", "qemu", "--accel", "k"), "kvm\nkvm:tcg\n");
	assert_string_equal(AFTER(&b, "build", "-f", "tar,kernel+in"), "tar,kernel+initrd\n");
	assert_string_equal(AFTER(&b, "build", "--name", ""), "");
}

static void test_operands(ATTR_UNUSED void **state)
{
	CLEANUP(buf) struct buf b = BUF_INIT(1 << 16);

	assert_string_equal(AFTER(&b, "completion", ""), "bash\nzsh\nfish\n");
	assert_string_equal(AFTER(&b, "build", ""), ":yaml\n");
	assert_string_equal(AFTER(&b, "check", "a.yml", "x"), ":yaml\n");
	assert_string_equal(AFTER(&b, "cache", "import", ""), ":files\n");
	assert_string_equal(AFTER(&b, "run", "qemu", "--disk", ""), ":files\n");
	assert_string_equal(AFTER(&b, "inspect", "--arch", "am"), "amd64\n");
	assert_string_equal(AFTER(&b, "inspect", "--platform", "linux/riscv"), "linux/riscv64\n");
	/* A path in an image, and a second operand of a verb that takes one. */
	assert_string_equal(AFTER(&b, "ls", "image", ""), "");
	assert_string_equal(AFTER(&b, "inspect", "image", ""), "");
	assert_string_equal(AFTER(&b, "inspect", ""), ":files\n");
	assert_string_equal(AFTER(&b, "pkg", "build", "x"), ":directories\n");
	assert_string_equal(AFTER(&b, "completion", "z"), "zsh\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_verbs),
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_operands),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
