/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <string.h>

#include "options/option-parse.h"
#include "vm/qemu-options.h"

static const struct option_group groups[] = {{.options = qemu_options}, {0}};

/* Take the options that are given, and the fallbacks. */
static int apply(struct option_sets *sets, struct qemu_options *o, const char *const *args,
	struct qemu_spec *ret, struct werr **err)
{
	int r = 0;

	option_sets_add(sets, groups, o);
	for (size_t i = 0; r == 0 && args[i]; i++)
		r = option_sets_take(sets, args, &i, err);
	if (r == 0)
		r = option_sets_finish(sets, err);
	return r < 0 ? r : qemu_options_apply(o, false, ret, err);
}

static void test_fallbacks(ATTR_UNUSED void **state)
{
	struct qemu_options o = {0};
	CLEANUP(option_sets) struct option_sets sets = {0};
	CLEANUP(qemu_spec) struct qemu_spec spec = {0};
	struct werr *err = NULL;

	assert_ok(apply(&sets, &o, (const char *const[]){NULL}, &spec, &err), err);
	assert_null(spec.arch);
	assert_null(spec.program);
	assert_int_equal(spec.accel, QEMU_ACCEL_AUTO);
	assert_int_equal(spec.mem_mib, 1024);
	assert_int_equal(spec.cpus, 1);
	assert_true(spec.network);
	assert_int_equal(spec.n_disks, 0);
}

static void test_all_that_is_given(ATTR_UNUSED void **state)
{
	static const char *const args[] = {"--accel", "tcg", "--mem=2G", "--cpus", "4",
		"--networking", "none", "--disk", "a", "--disk", "b,size=1G", "--arch", "arm64",
		"--no-reboot", NULL};
	struct qemu_options o = {0};
	CLEANUP(option_sets) struct option_sets sets = {0};
	CLEANUP(qemu_spec) struct qemu_spec spec = {0};
	struct werr *err = NULL;

	assert_ok(apply(&sets, &o, args, &spec, &err), err);
	assert_string_equal(spec.arch, "arm64");
	assert_int_equal(spec.accel, QEMU_ACCEL_TCG);
	assert_int_equal(spec.mem_mib, 2048);
	assert_int_equal(spec.cpus, 4);
	assert_false(spec.network);
	assert_true(spec.no_reboot);
	assert_int_equal(spec.n_disks, 2);
	assert_string_equal(spec.disks[1].path, "b");
}

static void test_a_disk_that_is_wrong(ATTR_UNUSED void **state)
{
	static const char *const args[] = {"--disk", "a", "--disk", "b,size=x", NULL};
	struct qemu_options o = {0};
	CLEANUP(option_sets) struct option_sets sets = {0};
	CLEANUP(qemu_spec) struct qemu_spec spec = {0};
	struct werr *err = NULL;

	assert_fails(apply(&sets, &o, args, &spec, &err), err, WERR_USAGE, "'x'");
	assert_int_equal(spec.n_disks, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fallbacks),
		cmocka_unit_test(test_all_that_is_given),
		cmocka_unit_test(test_a_disk_that_is_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
