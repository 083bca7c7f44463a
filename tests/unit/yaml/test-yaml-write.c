/* SPDX-License-Identifier: Apache-2.0 */
/* What is written is read again. */
#include "check.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/str.h"
#include "data/json.h"
#include "yaml/yaml-write.h"
#include "yaml/yaml.h"

static struct document *parse(const char *text)
{
	struct document *d = NULL;
	struct werr *err = NULL;

	assert_ok(yaml_parse("os.yml", text, strlen(text), &d, &err), err);
	return d;
}

static void write_yaml(const char *text, struct buf *out)
{
	CLEANUP(document) struct document *d = parse(text);
	struct werr *err = NULL;

	assert_ok(yaml_write(d->root, out, &err), err);
}

static void assert_written(const char *text, const char *expected)
{
	CLEANUP(buf) struct buf out = BUF_INIT(1 << 16);

	write_yaml(text, &out);
	assert_string_equal(buf_str(&out), expected);
}

static void test_shapes(ATTR_UNUSED void **state)
{
	assert_written("{a: [1, {b: c, d: []}], e: {}, f: ~}",
		"a:\n- 1\n- b: c\n  d: []\ne: {}\nf: null\n");
}

static void test_numbers_and_truth_in_one_form(ATTR_UNUSED void **state)
{
	assert_written("[0x1f, 017, 1_000, +5, -0x2, 1e2, 18446744073709551615, TRUE, False, 1.5]",
		"- 31\n- 15\n- 1000\n- 5\n- -2\n- 100\n- 18446744073709551615\n- true\n- false\n"
		"- 1.5\n");
}

/* YAML 1.1 has many words and forms that are something else than text; some readers still know
 * them. */
static void test_texts_that_look_like_something_else(ATTR_UNUSED void **state)
{
	assert_written(
		"[yes, 'No', on, 'null', '~', '12', '1:30', '2024-01-01', '', '=', '<<', '.5']",
		"- \"yes\"\n- \"No\"\n- \"on\"\n- \"null\"\n- \"~\"\n- \"12\"\n- \"1:30\"\n"
		"- \"2024-01-01\"\n- \"\"\n- \"=\"\n- \"<<\"\n- \".5\"\n");
	assert_written("[word, /a/path, 'a: b', 'a #b', 'a ']",
		"- word\n- /a/path\n- 'a: b'\n- 'a #b'\n- 'a '\n");
}

static void test_texts_of_all_kinds_are_read_again(ATTR_UNUSED void **state)
{
	static const char *const texts[] = {"\"a\\nb\\n\"", "\"a\\nb\"", "\"\\n\\n a\\n\"",
		"\" a\\n  b\"", "\"tab\\there\\n\"", "\"nul\\0byte\"", "\"trailing \\nspace\"",
		"\"\\r\\n\"", "\"\\e[31m\"", "'it''s'", "\"\\\"q\\\"\"", "\"\\\\\"", "'- x'",
		"'? y'", "'%z'", "'@at'", "'`t'", "'\xC3\xBC'", "'\xF0\x9F\x98\x80'",
		"\"\\x85 \\u2028 \\ufeff\"", "!!binary AAH/aGkK", "!!binary //79", "\"#\\n#\"",
		"\"\\n\"", "'---'", "'...'", "\"a\\n---\\nb\"", "'!tag'", "'&a'", "'*a'"};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		CLEANUP(document) struct document *first = parse(texts[i]), *second = NULL;
		CLEANUP(buf) struct buf out = BUF_INIT(1 << 16);

		write_yaml(texts[i], &out);
		second = parse(buf_str(&out));
		assert_int_equal(second->root->size, first->root->size);
		assert_memory_equal(second->root->text, first->root->text, first->root->size);
		assert_int_equal(node_scalar_type(second->root), SCALAR_TEXT);
	}
}

static void test_too_large(ATTR_UNUSED void **state)
{
	CLEANUP(document) struct document *d = parse("[aaaa, bbbb, cccc, dddd]");
	CLEANUP(buf) struct buf out = BUF_INIT(16);
	struct werr *err = NULL;

	assert_fails(yaml_write(d->root, &out, &err), err, WERR_LIMIT, "the YAML is too large");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shapes),
		cmocka_unit_test(test_numbers_and_truth_in_one_form),
		cmocka_unit_test(test_texts_that_look_like_something_else),
		cmocka_unit_test(test_texts_of_all_kinds_are_read_again),
		cmocka_unit_test(test_too_large),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
