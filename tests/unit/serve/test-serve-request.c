/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "serve/serve-request.h"

static void test_first_lines(ATTR_UNUSED void **state)
{
	static const struct {
		const char *line;
		unsigned status;
		const char *path;
		bool head;
	} cases[] = {
		{"GET / HTTP/1.1", 200, "", false},
		{"GET /os-kernel HTTP/1.0", 200, "os-kernel", false},
		{"HEAD /a/b HTTP/1.1", 200, "a/b", true},
		{"GET //a/./b/ HTTP/1.1", 200, "a/b", false},
		{"GET /a%20b%2Fc?d=e#f HTTP/1.1", 200, "a b/c", false},
		{"GET /%C3%bc HTTP/1.1", 200, "\303\274", false},
		{"GET /../x HTTP/1.1", 404, NULL, false},
		{"GET /a/../x HTTP/1.1", 404, NULL, false},
		{"GET /%2e%2e/x HTTP/1.1", 404, NULL, false},
		{"GET /a%00 HTTP/1.1", 400, NULL, false},
		{"GET /a%2 HTTP/1.1", 400, NULL, false},
		{"GET /a%g0 HTTP/1.1", 400, NULL, false},
		{"GET a HTTP/1.1", 400, NULL, false},
		{"GET http://x/a HTTP/1.1", 400, NULL, false},
		{"GET  / HTTP/1.1", 400, NULL, false},
		{"GET /", 400, NULL, false},
		{"GET / HTTP/2.0", 505, NULL, false},
		{"GET / FTP", 400, NULL, false},
		{"POST / HTTP/1.1", 405, NULL, false},
		{"get / HTTP/1.1", 405, NULL, false},
		{"", 400, NULL, false},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(free) char *text = str_printf("%s\r\nHost: x\r\n\r\n", cases[i].line);
		struct serve_request r = {0};

		assert_int_equal(serve_request_parse(text, strlen(text), &r), cases[i].status);
		if (cases[i].path) {
			assert_string_equal(r.path, cases[i].path);
			assert_int_equal(r.head, cases[i].head);
		} else {
			assert_null(r.path);
		}
		serve_request_cleanup(&r);
	}
}

static void test_the_end_of_a_head(ATTR_UNUSED void **state)
{
	assert_false(serve_head_complete("", 0));
	assert_false(serve_head_complete("GET / HTTP/1.1\r\n", 16));
	assert_false(serve_head_complete("GET / HTTP/1.1\r\n\r", 17));
	assert_true(serve_head_complete("GET / HTTP/1.1\r\n\r\n", 18));
	assert_true(serve_head_complete("a\n\n", 3));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_lines),
		cmocka_unit_test(test_the_end_of_a_head),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
