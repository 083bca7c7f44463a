/* SPDX-License-Identifier: Apache-2.0 */
/* HEALTHCHECK, as Docker and BuildKit write them. */
#include "check.h"

#include <string.h>

#include "base/mem.h"
#include "oci/image-config.h"

static int parse(const char *process, struct image_config **ret, struct werr **err)
{
	CLEANUP(free)
	char *text = str_printf(
		"{\"os\":\"linux\",\"architecture\":\"amd64\",\"config\":{%s}}", process);

	return image_config_parse("c", text, strlen(text), ret, err);
}

static struct image_config *must_parse(const char *process)
{
	struct image_config *c = NULL;
	struct werr *err = NULL;

	assert_ok(parse(process, &c, &err), err);
	return c;
}

static void assert_list(const struct strv *list, const char *expected)
{
	CLEANUP(free) char *joined = strv_join(list, "|");

	assert_string_equal(joined, expected);
}

static void assert_check(const char *process, const char *command)
{
	CLEANUP(image_config) struct image_config *c = must_parse(process);

	assert_list(&c->health.command, command);
}

static void test_commands(ATTR_UNUSED void **state)
{
	assert_check("\"Cmd\":[]", "");
	assert_check("\"Healthcheck\":null", "");
	assert_check("\"Healthcheck\":{\"Test\":null}", "");
	assert_check("\"Healthcheck\":{\"Test\":[]}", "");
	assert_check("\"Healthcheck\":{\"Test\":[\"NONE\"]}", "");
	assert_check("\"Healthcheck\":{\"Test\":[\"NONE\",\"x\"]}", "");
	assert_check("\"Healthcheck\":{\"Test\":[\"CMD\"]}", "");
	assert_check("\"Healthcheck\":{\"Test\":[\"/bin/x\",\"y\"]}", "");
	assert_check("\"Healthcheck\":{\"Test\":[\"CMD\",\"a\",\"b c\"]}", "a|b c");
	assert_check("\"Healthcheck\":{\"Test\":[\"CMD-SHELL\",\"a || exit 1\"]}",
		"/bin/sh|-c|a || exit 1");
	assert_check("\"Shell\":[\"/bin/bash\",\"-ec\"],"
		     "\"Healthcheck\":{\"Test\":[\"CMD-SHELL\",\"a\"]}",
		"/bin/bash|-ec|a");
}

static void test_times(ATTR_UNUSED void **state)
{
	CLEANUP(image_config)
	struct image_config *given =
		must_parse("\"Healthcheck\":{\"Test\":[\"CMD\",\"a\"],\"Interval\":1500000000,"
			   "\"Timeout\":10,\"StartPeriod\":60000000000,\"Retries\":7}");
	CLEANUP(image_config)
	struct image_config *left_out = must_parse(
		"\"Healthcheck\":{\"Test\":[\"CMD\",\"a\"],\"Interval\":0,\"Timeout\":-1}");

	assert_int_equal(given->health.interval, 1500);
	assert_int_equal(given->health.timeout, 1);
	assert_int_equal(given->health.start_period, 60000);
	assert_int_equal(given->health.retries, 7);
	assert_int_equal(left_out->health.interval, 30000);
	assert_int_equal(left_out->health.timeout, 30000);
	assert_int_equal(left_out->health.start_period, 0);
	assert_int_equal(left_out->health.retries, 3);
}

static void test_refused(ATTR_UNUSED void **state)
{
	static const char *const rows[] = {"\"Healthcheck\":[]", "\"Healthcheck\":{\"Test\":\"x\"}",
		"\"Healthcheck\":{\"Test\":[1]}"};
	struct image_config *c = NULL;
	struct werr *err = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_fails(parse(rows[i], &c, &err), err, WERR_INVALID, "c: '");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_commands),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
