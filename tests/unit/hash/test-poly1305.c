/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <string.h>

#include "hash/poly1305.h"

/* RFC 8439, 2.5.2; also in two parts. */
static void test_code(ATTR_UNUSED void **state)
{
	static const unsigned char key[POLY1305_KEY] = {0x85, 0xd6, 0xbe, 0x78, 0x57, 0x55, 0x6d,
		0x33, 0x7f, 0x44, 0x52, 0xfe, 0x42, 0xd5, 0x06, 0xa8, 0x01, 0x03, 0x80, 0x8a, 0xfb,
		0x0d, 0xb2, 0xfd, 0x4a, 0xbf, 0xf6, 0xaf, 0x41, 0x49, 0xf5, 0x1b};
	static const char text[] = "Cryptographic Forum Research Group";

	for (size_t first = 0; first < 20; first += 19) {
		CLEANUP(poly1305) struct poly1305 *c = poly1305_new(key);
		char hex[POLY1305_HEX + 1];

		assert_non_null(c);
		poly1305_add(c, text, first);
		poly1305_add(c, text + first, strlen(text) - first);
		poly1305_hex(c, hex);
		assert_string_equal(hex, "a8061dc1305136c6c22b8baf0c0127a9");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_code),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
