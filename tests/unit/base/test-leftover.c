/* SPDX-License-Identifier: Apache-2.0 */
#include "base/atomic-file.h"

#include "check.h"

static void test_leftovers(ATTR_UNUSED void **state)
{
	static const struct {
		const char *name, *file;
		bool is;
	} rows[] = {
		{".wherry-123-0", NULL, true},
		{".wherry-aB3xYz", NULL, true},
		{".wherry-aB3xY", NULL, false},
		{".wherry-123-", NULL, false},
		{".wherry-123-0x", NULL, false},
		{".wherry-removed-1", NULL, false},
		{"index.json.123-4", "index.json", true},
		{"index.json.123-4", NULL, false},
		{"index.json.bak", "index.json", false},
		{"index.json", "index.json", false},
		{"", NULL, false},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (file_is_leftover(rows[i].name, rows[i].file) != rows[i].is)
			fail_msg("%s", rows[i].name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_leftovers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
