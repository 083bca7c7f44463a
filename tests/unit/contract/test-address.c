/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdlib.h>

#include "base/mem.h"
#include "contract/address.h"

static void test_addresses(ATTR_UNUSED void **state)
{
	static const struct {
		const char *text;
		uint16_t default_port;
		const char *host;
		unsigned port;
		const char *written;
	} cases[] = {
		{"80", 0, "127.0.0.1", 80, "127.0.0.1:80"},
		{"localhost:81", 0, "127.0.0.1", 81, "127.0.0.1:81"},
		{"10.0.0.1:82", 0, "10.0.0.1", 82, "10.0.0.1:82"},
		{"[::1]:65535", 0, "::1", 65535, "[::1]:65535"},
		{"10.0.0.1", 514, "10.0.0.1", 514, "10.0.0.1:514"},
		{"[fe80::1]", 514, "fe80::1", 514, "[fe80::1]:514"},
		{"[::1]:7", 514, "::1", 7, "[::1]:7"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(free) char *host = NULL, *written = NULL;
		uint16_t port = 0;

		assert_true(address_parse(cases[i].text, cases[i].default_port, &host, &port));
		assert_string_equal(host, cases[i].host);
		assert_int_equal(port, cases[i].port);
		written = address_format(host, port);
		assert_string_equal(written, cases[i].written);
	}
}

static void test_what_is_not_an_address(ATTR_UNUSED void **state)
{
	static const char *const texts[] = {"", ":", "x", "0", "65536", "l:1",
		"1.2.3.4:", "1.2.3.4:0", "1.2.3.4:65536", "1.2.3.4:x", ":84", "[]:1", "[::1",
		"[::1]x:1", "::1:80", "local:5", "1.2.3:4", "a@1.2.3.4:1", "[1.2.3.4]:1"};
	static const char *const without_port[] = {"1.2.3.4", "[::1]", "localhost"};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		char *host = NULL;
		uint16_t port = 7;

		assert_false(address_parse(texts[i], 514, &host, &port));
		assert_null(host);
		assert_int_equal(port, 7);
	}
	for (size_t i = 0; i < ARRAY_SIZE(without_port); i++)
		assert_false(address_parse(without_port[i], 0, &(char *){NULL}, &(uint16_t){0}));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_what_is_not_an_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
