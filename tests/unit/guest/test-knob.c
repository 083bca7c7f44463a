/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <string.h>

#include "base/mem.h"
#include "tools/knob.h"

static void check_style(
	enum knob_style style, const char *text, const char *path, const char *value, bool optional)
{
	CLEANUP(knob) struct knob s = {0};
	struct werr *err = NULL;

	assert_ok(knob_parse(text, style, &s, &err), err);
	assert_string_equal(s.path, path);
	assert_string_equal(s.value, value);
	assert_int_equal(s.optional, optional);
}

static void check(const char *text, const char *path, const char *value, bool optional)
{
	check_style(KNOB_DOTS, text, path, value, optional);
}

static void test_keys_and_values(ATTR_UNUSED void **state)
{
	check("net.ipv4.ip_forward = 1", "net/ipv4/ip_forward", "1", false);
	check("kernel.printk=3 4 1 3", "kernel/printk", "3 4 1 3", false);
	check("-kernel.x=1", "kernel/x", "1", true);
	check("kernel.core_pattern = |/x a=b", "kernel/core_pattern", "|/x a=b", false);
	check("kernel.x=", "kernel/x", "", false);
}

static void test_either_separator(ATTR_UNUSED void **state)
{
	check("net.ipv4.conf.eth0/1.forwarding=1", "net/ipv4/conf/eth0.1/forwarding", "1", false);
	check("net/ipv4/conf/eth0.1/forwarding=1", "net/ipv4/conf/eth0.1/forwarding", "1", false);
}

static void test_paths_of_sysfs_may_have_dots(ATTR_UNUSED void **state)
{
	check_style(KNOB_SLASHES, "kernel/mm/ksm/run = 1", "kernel/mm/ksm/run", "1", false);
	check_style(KNOB_SLASHES, "a.b/0000:00:1f.0/x=a=b", "a.b/0000:00:1f.0/x", "a=b", false);
}

static void test_mistakes(ATTR_UNUSED void **state)
{
	CLEANUP(knob) struct knob s = {0};
	struct werr *err = NULL;

	assert_fails(knob_parse("net.ipv4.ip_forward 1", KNOB_DOTS, &s, &err), err, WERR_INVALID,
		"not of the form key = value");
	assert_fails(knob_parse("= 1", KNOB_DOTS, &s, &err), err, WERR_INVALID, "'' is not a key");
	/* Nothing is left there that a caller would free. */
	assert_null(s.path);
	assert_fails(knob_parse("a/../../../etc/x = 1", KNOB_DOTS, &s, &err), err, WERR_INVALID,
		"not a key");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keys_and_values),
		cmocka_unit_test(test_either_separator),
		cmocka_unit_test(test_paths_of_sysfs_may_have_dots),
		cmocka_unit_test(test_mistakes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
