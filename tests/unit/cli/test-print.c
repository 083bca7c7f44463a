/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <string.h>

#include "cli/print.h"
#include "data/json.h"

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
	print_errors_text(&b, err, false);
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
	print_errors_text(&b, err, false);
	assert_string_equal(
		buf_str(&b), "o\\x1bs.yml:1: bad name '\\x1b[2J\\x0a\\xc2\\x9bm\u00e9'\n");
}

static void test_what_steers_the_terminal_is_hidden(ATTR_UNUSED void **state)
{
	static const struct {
		const char *text, *shown, *json;
	} cases[] = {
		/* A right-to-left override, an isolate, a mark, a tag. */
		{"a\u202eb", "a\\xe2\\x80\\xaeb", "a\\u202eb"},
		{"\u2066", "\\xe2\\x81\\xa6", "\\u2066"},
		{"\u061c", "\\xd8\\x9c", "\\u061c"},
		{"\U000e0041", "\\xf3\\xa0\\x81\\x81", "\\udb40\\udc41"},
		/* C1 as a lone byte and as UTF-8; other bytes that are not UTF-8, also the
		   beginning of a character at the end. */
		{"\x9b"
		 "2J",
			"\\x9b2J",
			"\xef\xbf\xbd"
			"2J"},
		{"\xc2\x9b"
		 "2J",
			"\\xc2\\x9b2J", "\\u009b2J"},
		{"caf\xe9", "caf\\xe9", "caf\xef\xbf\xbd"},
		{"\xe2\x80", "\\xe2\\x80", "\xef\xbf\xbd\xef\xbf\xbd"},
		{"\033\177", "\\x1b\\x7f", "\\u001b\\u007f"},
		/* Right-to-left letters, a joiner, an emoji and combining marks are text. */
		{"\u05d0\u200d\U0001f600e\u0301", "\u05d0\u200d\U0001f600e\u0301",
			"\u05d0\u200d\U0001f600e\u0301"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(buf) struct buf text = BUF_INIT(4096);
		CLEANUP(buf) struct buf json = BUF_INIT(4096);
		CLEANUP(buf) struct buf wanted = BUF_INIT(4096);
		struct json_writer w = JSON_WRITER_SHOWN(&json);

		print_add_printable(&text, cases[i].text);
		assert_string_equal(buf_str(&text), cases[i].shown);
		json_string(&w, cases[i].text);
		buf_printf(&wanted, "\"%s\"", cases[i].json);
		assert_string_equal(buf_str(&json), buf_str(&wanted));
	}
}

static void test_json(ATTR_UNUSED void **state)
{
	CLEANUP(buf) struct buf b = BUF_INIT(4096);
	CLEANUP(werr) struct werr *err = NULL;

	werr_at(&err, "os.yml", 14, 5, "unknown key");
	print_errors_json(&b, err);
	assert_string_equal(buf_str(&b),
		"{\"error\":\"unknown key\",\"kind\":\"invalid\",\"file\":\"os.yml\",\"line\":14,"
		"\"column\":5}\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_place_message_hint),
		cmocka_unit_test(test_control_characters_do_not_reach_the_terminal),
		cmocka_unit_test(test_what_steers_the_terminal_is_hidden),
		cmocka_unit_test(test_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
