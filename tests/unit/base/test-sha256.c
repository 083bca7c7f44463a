/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <string.h>

#include "base/sha256.h"

static void test_hash(ATTR_UNUSED void **state)
{
	char hex[SHA256_HEX + 1];

	sha256_of("abc", 3, hex);
	assert_string_equal(
		hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

/* RFC 4231, 4.2, 4.3, 4.4 and 4.7. */
static void test_hmac(ATTR_UNUSED void **state)
{
	static const struct {
		const char *key, *data, *expected;
	} cases[] = {
		{"\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b",
			"Hi There",
			"b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
		{"Jefe", "what do ya want for nothing?",
			"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
	};
	unsigned char key[131];
	const char *text = "Test Using Larger Than Block-Size Key - Hash Key First";
	char data[50], hex[SHA256_HEX + 1];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		sha256_hmac(cases[i].key, strlen(cases[i].key), cases[i].data,
			strlen(cases[i].data), hex);
		assert_string_equal(hex, cases[i].expected);
	}
	memset(key, 0xaa, sizeof(key));
	memset(data, 0xdd, sizeof(data));
	sha256_hmac(key, 20, data, sizeof(data), hex);
	assert_string_equal(
		hex, "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
	sha256_hmac(key, sizeof(key), text, strlen(text), hex);
	assert_string_equal(
		hex, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hash),
		cmocka_unit_test(test_hmac),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
