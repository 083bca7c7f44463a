/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "client/request.h"

static void test_what_the_client_writes_the_supervisor_reads(ATTR_UNUSED void **state)
{
	for (unsigned i = 0; i < REQUEST_VERBS; i++) {
		struct request r = {.verb = (enum request_verb)i,
			.name = (char *)(size_t) "db \"1\"",
			.state = (char *)(size_t) "ready",
			.lines = 7,
			.follow = true,
			.terminal = true};
		CLEANUP(request) struct request *got = NULL;
		CLEANUP(free) char *line = NULL;
		struct werr *err = NULL;

		strv_add(&r.argv, "sh");
		strv_add(&r.argv, "-c");
		line = request_format(&r);
		assert_non_null(line);
		assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
		assert_ok(request_parse(line, strlen(line) - 1, &got, &err), err);
		assert_int_equal(got->verb, i);
		assert_string_equal(got->name, r.name);
		assert_int_equal(got->follow, i == REQUEST_LOGS);
		assert_int_equal(got->argv.n, i == REQUEST_EXEC || i == REQUEST_DEBUG ? 2 : 0);
		if (i == REQUEST_LOGS)
			assert_int_equal(got->lines, 7);
		strv_clear(&r.argv);
	}
}

static void test_mistakes(ATTR_UNUSED void **state)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{"{}", "'do'"},
		{"{\"do\":\"dance\"}", "'do'"},
		{"{\"do\":\"stop\"}", "'name' is missing"},
		{"{\"do\":\"exec\",\"name\":\"x\"}", "'argv'"},
		{"{\"do\":\"exec\",\"name\":\"x\",\"argv\":[[]]}", "'argv'"},
		{"{\"do\":\"logs\",\"lines\":-1}", "'lines'"},
		{"{\"do\":\"logs\",\"lines\":1000001}", "'lines'"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct request *r = NULL;
		struct werr *err = NULL;

		assert_fails(request_parse(cases[i].text, strlen(cases[i].text), &r, &err), err,
			WERR_INVALID, cases[i].message);
		assert_null(r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_the_client_writes_the_supervisor_reads),
		cmocka_unit_test(test_mistakes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
