/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <string.h>

#include "base/mem.h"
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
	static const char *const bad[] = {"", "sha256", "sha256:", "sha512:00", EMPTY "0",
		"sha256:E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855",
		"sha256:../../../../../../../../../../../../../../../../../../etc/passw0"};
	struct digest d = {"kept"};
	struct werr *err = NULL;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_fails(digest_parse(bad[i], &d, &err), err, WERR_INVALID, "not a digest");
	assert_fails(digest_parse("sha384:00", &d, &err), err, WERR_UNSUPPORTED, "sha384:00");
	assert_string_equal(d.text, "kept");
}

static void test_sha512(void **state)
{
	/* FIPS 180-4: of nothing. */
	static const char text[] =
		"sha512:cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
		"47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e";
	CLEANUP(free) char *path = NULL;
	struct digest d, same;
	struct werr *err = NULL;

	(void)state;
	digest_of_kind(DIGEST_SHA512, "", 0, &d);
	assert_string_equal(d.text, text);
	assert_ok(digest_parse(text, &same, &err), err);
	assert_true(digest_eq(&d, &same));
	assert_int_equal(digest_kind(&d), DIGEST_SHA512);
	path = digest_blob_path(&d);
	assert_memory_equal(path, "blobs/sha512/cf83", 17);
	assert_int_equal(digest_parse_path(path + strlen("blobs/"), &same), 0);
	assert_true(digest_eq(&d, &same));
	assert_true(digest_parse_path(text, &same) < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_of),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_sha512),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
