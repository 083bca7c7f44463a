/* SPDX-License-Identifier: Apache-2.0 */
/* The name of a package's image. */
#include "pkg/package.h"

#include "check.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/str.h"

static void test_the_hash_takes_the_place_of_the_template(ATTR_UNUSED void **state)
{
	static const char *const templates[] = {"v1-{{.Hash}}", "v1-{{ .Hash }}"};
	struct werr *err = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(templates); i++) {
		CLEANUP(free) char *tag = NULL;

		assert_ok(pkg_fill_tag(templates[i], "ab12", &tag, &err), err);
		assert_string_equal(tag, "v1-ab12");
	}
}

static void test_other_templates_are_refused(ATTR_UNUSED void **state)
{
	struct werr *err = NULL;
	char *tag;

	assert_fails(
		pkg_fill_tag("{{.Commit}}", "1", &tag, &err), err, WERR_UNSUPPORTED, "{{.Commit}}");
	assert_fails(pkg_fill_tag("{{.Hash", "1", &tag, &err), err, WERR_UNSUPPORTED, "{{.Hash");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_hash_takes_the_place_of_the_template),
		cmocka_unit_test(test_other_templates_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
