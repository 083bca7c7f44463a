/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <string.h>

#include "cli/output.h"

static void test_place_message_hint(ATTR_UNUSED void **state)
{
	CLEANUP(buf) struct buf b = BUF_INIT(4096);
	CLEANUP(werr) struct werr *err = NULL;
	struct werr *second = NULL, *third = NULL;

	werr_at(&err, "os.yml", 14, 5, "unknown key '%s'", "comand");
	werr_hint(&err, "see docs/yaml.md");
	werr_at(&second, "os.yml", 0, 0, "no kernel");
	werr_set(&third, WERR_FAILED, "no luck");
	werr_append(&err, second);
	werr_append(&err, third);
	output_errors_text(&b, err, false);
	assert_string_equal(buf_str(&b), "os.yml:14:5: unknown key 'comand'\n"
					 "  hint: see docs/yaml.md\n"
					 "os.yml: no kernel\n"
					 "wherry: no luck\n");
}

static void test_control_characters_do_not_reach_the_terminal(ATTR_UNUSED void **state)
{
	CLEANUP(buf) struct buf b = BUF_INIT(4096);
	CLEANUP(werr) struct werr *err = NULL;

	werr_at(&err, "o\033s.yml", 1, 0,
		"bad name '\033[2J\n\xc2\x9b"
		"m\u00e9'");
	output_errors_text(&b, err, false);
	assert_string_equal(
		buf_str(&b), "o\\x1bs.yml:1: bad name '\\x1b[2J\\x0a\\xc2\\x9bm\u00e9'\n");
}

static void test_json(ATTR_UNUSED void **state)
{
	CLEANUP(buf) struct buf b = BUF_INIT(4096);
	CLEANUP(werr) struct werr *err = NULL;

	werr_at(&err, "os.yml", 14, 5, "unknown key");
	output_errors_json(&b, err);
	assert_string_equal(buf_str(&b),
		"{\"error\":\"unknown key\",\"kind\":\"invalid\",\"file\":\"os.yml\",\"line\":14,"
		"\"column\":5}\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_place_message_hint),
		cmocka_unit_test(test_control_characters_do_not_reach_the_terminal),
		cmocka_unit_test(test_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
