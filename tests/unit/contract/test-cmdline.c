/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "base/mem.h"
#include "contract/cmdline.h"

static const struct {
	const char *text, *root, *line;
} cases[] = {
	{"console=ttyS0\n", NULL, "console=ttyS0"},
	{"", NULL, ""},
	{" \n", NULL, ""},
	{"quiet \n", "/dev/vda", "quiet root=/dev/vda"},
	{"", "PARTUUID=1", "root=PARTUUID=1"},
	{"root=/dev/sda quiet", "/dev/vda", "root=/dev/sda quiet"},
	{"quiet \"root=LABEL=a b\"", "/dev/vda", "quiet \"root=LABEL=a b\""},
	{"noroot=1 nfsroot=x", "/dev/vda", "noroot=1 nfsroot=x root=/dev/vda"},
};

static void test_a_root_is_added_unless_there_is_one(ATTR_UNUSED void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(free) char *line = contract_cmdline(cases[i].text, cases[i].root);

		assert_string_equal(line, cases[i].line);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_root_is_added_unless_there_is_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
