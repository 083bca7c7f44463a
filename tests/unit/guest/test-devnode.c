/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "init/devnode.h"

static void check(const char *line, const char *path, mode_t type, unsigned major, unsigned minor)
{
	struct devnode n;

	assert_true(devnode_parse(line, &n));
	assert_string_equal(n.path, path);
	assert_int_equal(n.type, type);
	assert_int_equal(n.number, makedev(major, minor));
}

static void test_lines(ATTR_UNUSED void **state)
{
	check("tun net/tun c10:200", "/dev/net/tun", S_IFCHR, 10, 200);
	check("x y b4095:1048575", "/dev/y", S_IFBLK, 4095, 1048575);
}

static void test_what_is_not_a_line(ATTR_UNUSED void **state)
{
	static const char *const bad[] = {"", "tun", "tun net/tun", "tun net/tun c10",
		"tun net/tun c10:", "tun net/tun c:200", "tun net/tun p10:200",
		"tun net/tun 10:200", "tun ../etc/x c1:3", "tun / c1:3", "tun net/tun c10:200 more",
		"tun net/tun c4096:0", "tun net/tun c1:1048576", "tun net/tun c-1:0",
		"tun net/tun c1:99999999999999999999"};
	struct devnode n;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (devnode_parse(bad[i], &n))
			fail_msg("taken: %s", bad[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_what_is_not_a_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
