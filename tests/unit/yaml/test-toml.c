/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/str.h"
#include "yaml/toml.h"

static int note(const struct toml_item *item, void *ctx, ATTR_UNUSED struct werr **err)
{
	static const char kinds[] = {'t', 'e', 's', 'b', 'o', 'g'};

	buf_printf(ctx, "%u%c %s=%s\n", item->line, kinds[item->kind], item->key, item->text);
	return 0;
}

static void what_is_set_is_told_in_order(ATTR_UNUSED void **state)
{
	static const char text[] = "# a comment\n"
				   "a = 'b' # another\r\n"
				   "\"c d\".e = \"\\\"\\u00e4\\n\\U0001F600\"\n"
				   "  [ x . y ]\n"
				   "on=true\n"
				   "n = -1_000\n"
				   "when = 2026-11-29 12:00:00Z\n"
				   "list = [ 1, 'two', # three\n"
				   "  [4], {five = \"]\", six = {}},\n"
				   "]\n"
				   "[[x.y.z]]\n"
				   "empty = \"\"\n";
	CLEANUP(buf) struct buf out = BUF_INIT(10000);
	struct werr *err = NULL;

	assert_ok(toml_parse("f", text, strlen(text), note, &out, &err), err);
	assert_string_equal(buf_str(&out), "2s a=b\n"
					   "3s c d.e=\"\xc3\xa4\n\xf0\x9f\x98\x80\n"
					   "4t x.y=\n"
					   "5b on=true\n"
					   "6o n=-1_000\n"
					   "7o when=2026-11-29 12:00:00Z\n"
					   "8g list=\n"
					   "11e x.y.z=\n"
					   "12s empty=\n");
}

static void what_is_no_toml_is_refused(ATTR_UNUSED void **state)
{
	static const char *const texts[] = {"a", "a =", "= 1", "a = b", "a = 'b", "a = \"\\x\"",
		"a = \"\\ud800\"", "[a", "[[a]", "[]", "a = 1 b = 2", "a = [1", "a = [1 2]",
		"a = {b}", "a = {b = 1\n}", "a = \"\"\"x\"\"\"", "a = '\n'", "a.=1", "a = \"\xff\"",
		"a = \"\\"};
	CLEANUP(buf) struct buf deep = BUF_INIT(1000);
	CLEANUP(buf) struct buf out = BUF_INIT(10000);
	struct werr *err = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		int r = toml_parse("f", texts[i], strlen(texts[i]), note, &out, &err);

		if (r == 0)
			fail_msg("%s was taken", texts[i]);
		werr_free(STEAL(err));
	}
	buf_puts(&deep, "a = ");
	buf_fill(&deep, '[', TOML_NESTING_MAX + 1);
	assert_fails(toml_parse("f", buf_str(&deep), deep.len, note, &out, &err), err, WERR_LIMIT,
		"f:1: nested deeper");
	assert_fails(toml_parse("f", "\n\na = b", 7, note, &out, &err), err, WERR_INVALID, "f:3: ");
	assert_fails(toml_parse("f", "a\0b", 3, note, &out, &err), err, WERR_INVALID, "not text");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_set_is_told_in_order),
		cmocka_unit_test(what_is_no_toml_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
