/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "contract/paths.h"

static void test_where_containers_are(ATTR_UNUSED void **state)
{
	static const struct {
		enum container_kind kind;
		size_t place;
		const char *name, *path;
	} cases[] = {
		{CONTAINER_ONBOOT, 0, "dhcp", "containers/onboot/000-dhcp"},
		{CONTAINER_ONSHUTDOWN, 12, "7-up", "containers/onshutdown/012-7-up"},
		{CONTAINER_ONBOOT, 1000, "a", "containers/onboot/1000-a"},
		{CONTAINER_SERVICE, 3, "000-nginx", "containers/services/000-nginx"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(free)
		char *path = contract_bundle(cases[i].kind, cases[i].place, cases[i].name);

		assert_string_equal(path, cases[i].path);
		assert_non_null(str_after(path, contract_dir(cases[i].kind)));
		/* What the tool writes is what the guest reads. */
		assert_string_equal(
			contract_name(cases[i].kind, strrchr(path, '/') + 1), cases[i].name);
	}
}

static void test_names_of_other_directories(ATTR_UNUSED void **state)
{
	static const char *const ids[] = {"dhcp", "000", "000-", "-dhcp", ""};

	for (size_t i = 0; i < ARRAY_SIZE(ids); i++)
		assert_string_equal(contract_name(CONTAINER_ONBOOT, ids[i]), ids[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_where_containers_are),
		cmocka_unit_test(test_names_of_other_directories),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
