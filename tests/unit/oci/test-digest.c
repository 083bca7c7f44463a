/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <string.h>

#include "oci/digest.h"

#define EMPTY "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static void test_of(void **state)
{
	struct digest d, same;
	struct werr *err = NULL;

	(void)state;
	digest_of("", 0, &d);
	assert_string_equal(d.text, EMPTY);
	assert_string_equal(digest_hex(&d), &EMPTY[7]);
	assert_ok(digest_parse(EMPTY, &same, &err), err);
	assert_true(digest_eq(&d, &same));
	digest_of("x", 1, &same);
	assert_false(digest_eq(&d, &same));
}

static void test_refused(void **state)
{
	static const char *const bad[] = {"", "sha256", "sha256:", EMPTY "0",
		"sha256:E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855",
		"sha256:../../../../../../../../../../../../../../../../../../etc/passw0"};
	struct digest d = {"kept"};
	struct werr *err = NULL;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_fails(digest_parse(bad[i], &d, &err), err, WERR_INVALID, "not a digest");
	assert_fails(digest_parse("sha512:00", &d, &err), err, WERR_UNSUPPORTED, "sha512:00");
	assert_string_equal(d.text, "kept");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_of),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
