/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "run/cgroup.h"

static void check(const char *text, const char *expected)
{
	CLEANUP(free) char *dir = cgroup_parse(text, "/cg", "web");

	if (expected)
		assert_string_equal(dir, expected);
	else
		assert_null(dir);
}

static void test_a_group_of_its_own(ATTR_UNUSED void **state)
{
	check("0::/web\n", "/cg/web");
	check("1:cpu:/web\n0::/services/web\n", "/cg/services/web");
}

static void test_groups_of_others(ATTR_UNUSED void **state)
{
	check("0::/\n", NULL);
	check("0::/shared\n", NULL);
	check("0::/webs\n", NULL);
	check("0::/../web\n", NULL);
	check("1:cpu:/web\n", NULL);
	check("", NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_group_of_its_own),
		cmocka_unit_test(test_groups_of_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
