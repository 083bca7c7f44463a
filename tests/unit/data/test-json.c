/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdlib.h>

#include "base/str.h"
#include "data/json.h"
#include "yaml/yaml.h"

static struct document *parse(const char *text)
{
	struct document *d = NULL;
	struct werr *err = NULL;

	assert_ok(json_parse("x.json", text, strlen(text), &d, &err), err);
	return d;
}

static void assert_refused_bytes(
	const char *text, size_t size, unsigned line, unsigned column, const char *message_part)
{
	struct document *d = NULL;
	struct werr *err = NULL;

	if (json_parse("x.json", text, size, &d, &err) == 0)
		fail_msg("not refused: %s", text);
	assert_non_null(err);
	if (!strstr(err->message, message_part) || err->line != line || err->column != column)
		fail_msg("%s: %u:%u: %s", text, err->line, err->column, err->message);
	werr_free(err);
}

static void assert_refused(
	const char *text, unsigned line, unsigned column, const char *message_part)
{
	assert_refused_bytes(text, strlen(text), line, column, message_part);
}

static void test_reads_values(ATTR_UNUSED void **state)
{
	CLEANUP(document)
	struct document *d = parse(" {\"a\": [1, true, null, \"1\", {}, []],\n"
				   " \"b\\u00e9\\ud83d\\ude00\\/\": -1.5e3} ");
	const struct node *a = node_get(d->root, "a");
	uint64_t one = 0;

	assert_int_equal(a->n, 6);
	assert_true(node_to_u64(a->items[0], &one));
	assert_int_equal(node_scalar_type(a->items[1]), SCALAR_BOOL);
	assert_int_equal(a->items[2]->kind, NODE_NULL);
	assert_int_equal(node_scalar_type(a->items[3]), SCALAR_TEXT);
	assert_int_equal(a->items[4]->kind, NODE_MAP);
	assert_int_equal(a->items[5]->kind, NODE_LIST);
	assert_string_equal(d->root->keys[1]->text, "b\xC3\xA9\xF0\x9F\x98\x80/");
	assert_int_equal(d->root->keys[1]->line, 2);
	assert_int_equal(d->root->keys[1]->column, 2);
	assert_string_equal(d->root->items[1]->text, "-1.5e3");
}

static void test_large_numbers_stay_whole(ATTR_UNUSED void **state)
{
	CLEANUP(document) struct document *d = parse("[18446744073709551615, -0]");
	uint64_t value = 0;

	assert_true(node_to_u64(d->root->items[0], &value));
	assert_true(value == UINT64_MAX);
	assert_true(node_to_u64(d->root->items[1], &value));
	assert_int_equal(value, 0);
}

static void test_refuses(ATTR_UNUSED void **state)
{
	assert_refused("", 1, 1, "a value is expected");
	assert_refused("{\"a\": 1,\n \"a\": 2}", 2, 2, "'a' is given twice");
	assert_refused("[1, 2", 1, 6, "',' or ']'");
	assert_refused("[1,]", 1, 4, "a value is expected");
	assert_refused("{\"a\" 1}", 1, 6, "':'");
	assert_refused("{a: 1}", 1, 2, "a key in double quotes");
	assert_refused("[1] x", 1, 5, "after the value");
	assert_refused("\"a", 1, 3, "ends inside a string");
	assert_refused("\"\\u0000\"", 1, 8, "NUL");
	assert_refused("\"\\ud800x\"", 1, 8, "surrogate");
	assert_refused("\"\\x\"", 1, 2, "escape");
	assert_refused("\"\t\"", 1, 2, "control character");
	assert_refused("\"\xC0\x80\"", 1, 2, "not UTF-8");
	assert_refused("\"\xED\xA0\x80\"", 1, 2, "not UTF-8");
	assert_refused("01", 1, 2, "after the value");
	assert_refused("-", 1, 2, "not finished");
	assert_refused("1.", 1, 3, "not finished");
	assert_refused("truth", 1, 1, "a value is expected");
	assert_refused_bytes("[\0]", 3, 1, 2, "a value is expected");
	assert_refused_bytes("1\0", 2, 1, 2, "after the value");
}

static void test_depth(ATTR_UNUSED void **state)
{
	char text[JSON_NESTING_MAX + 2] = {0};

	memset(text, '[', JSON_NESTING_MAX + 1);
	assert_refused(text, 1, JSON_NESTING_MAX + 1, "levels deep");
}

static void test_writes(ATTR_UNUSED void **state)
{
	CLEANUP(buf) struct buf out = BUF_INIT(1024);
	struct json_writer w = JSON_WRITER(&out, 0);

	json_open_object(&w);
	json_key_string(&w, "a\"b", "\\ \n \x01 \xff \xC3\xA9");
	json_key_string_opt(&w, "none", NULL);
	json_key_string_opt(&w, "empty", "");
	json_key(&w, "list");
	json_open_array(&w);
	json_u64(&w, UINT64_MAX);
	json_i64(&w, INT64_MIN);
	json_bool(&w, true);
	json_null(&w);
	json_open_array(&w);
	json_close_array(&w);
	json_close_array(&w);
	json_close_object(&w);
	assert_string_equal(buf_str(&out),
		"{\"a\\\"b\":\"\\\\ \\n \\u0001 \xEF\xBF\xBD \xC3\xA9\","
		"\"list\":[18446744073709551615,-9223372036854775808,true,null,[]]}");
}

static void test_writes_lists_of_strings(ATTR_UNUSED void **state)
{
	CLEANUP(buf) struct buf out = BUF_INIT(1024);
	CLEANUP(strv) struct strv words = {0}, none = {0};
	struct json_writer w = JSON_WRITER(&out, 0);

	strv_add(&words, "a b");
	strv_add(&words, "");
	json_open_object(&w);
	json_key_strings(&w, "words", &words);
	json_key_strings(&w, "none", &none);
	json_key_strings_opt(&w, "absent", &none);
	json_key_strings_opt(&w, "last", &words);
	json_close_object(&w);
	assert_string_equal(
		buf_str(&out), "{\"words\":[\"a b\",\"\"],\"none\":[],\"last\":[\"a b\",\"\"]}");
}

static void test_indents(ATTR_UNUSED void **state)
{
	CLEANUP(buf) struct buf out = BUF_INIT(1024);
	CLEANUP(document) struct document *d = parse("{\"a\":[1,{}],\"b\":{}}");
	struct json_writer w = JSON_WRITER(&out, 2);

	json_node(&w, d->root);
	assert_string_equal(buf_str(&out), "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": {}\n}");
}

static void test_yaml_becomes_json(ATTR_UNUSED void **state)
{
	CLEANUP(buf) struct buf out = BUF_INIT(1024);
	CLEANUP(document) struct document *d = NULL;
	static const char text[] = "[0x10, 1.5, '1', yes, True, ~, -5, .5, 1e400]";
	struct json_writer w = JSON_WRITER(&out, 0);

	assert_int_equal(yaml_parse("os.yml", text, strlen(text), &d, NULL), 0);
	json_node(&w, d->root);
	assert_string_equal(buf_str(&out), "[16,1.5,\"1\",\"yes\",true,null,-5,\".5\",1e400]");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reads_values),
		cmocka_unit_test(test_large_numbers_stay_whole),
		cmocka_unit_test(test_refuses),
		cmocka_unit_test(test_depth),
		cmocka_unit_test(test_writes),
		cmocka_unit_test(test_writes_lists_of_strings),
		cmocka_unit_test(test_indents),
		cmocka_unit_test(test_yaml_becomes_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
