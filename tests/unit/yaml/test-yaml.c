/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/str.h"
#include "yaml/yaml.h"

static struct document *parse(const char *text)
{
	struct document *d = NULL;
	struct werr *err = NULL;

	assert_ok(yaml_parse("os.yml", text, strlen(text), &d, &err), err);
	return d;
}

static void assert_refused(
	const char *text, unsigned line, unsigned column, const char *message_part)
{
	struct document *d = NULL;
	struct werr *err = NULL;

	if (yaml_parse("os.yml", text, strlen(text), &d, &err) == 0)
		fail_msg("not refused: %s", text);
	assert_non_null(err);
	if (!strstr(err->message, message_part) || err->line != line || err->column != column)
		fail_msg("%s:%u:%u: %s", err->file, err->line, err->column, err->message);
	assert_null(d);
	werr_free(err);
}

static void test_nodes_know_their_place(ATTR_UNUSED void **state)
{
	CLEANUP(document) struct document *d = parse("a: 1\nb:\n  - x\n  - {c: d}\n");
	const struct node *b = node_get(d->root, "b");

	assert_int_equal(d->root->kind, NODE_MAP);
	assert_string_equal(d->root->keys[1]->text, "b");
	assert_int_equal(d->root->keys[1]->line, 2);
	assert_int_equal(b->n, 2);
	assert_int_equal(b->items[1]->line, 4);
	assert_int_equal(b->items[1]->column, 5);
	assert_string_equal(node_get_text(b->items[1], "c"), "d");
	assert_null(node_get(b, "c"));
	assert_null(node_get_text(d->root, "b"));
}

static void test_scalars(ATTR_UNUSED void **state)
{
	CLEANUP(document)
	struct document *d = parse("quoted: '1'\nblock: |\n  1\nnone: ~\nempty:\nstr: !!str 1\n"
				   "binary: !!binary \"AAH/aGk=\"\nnul: \"a\\0b\"\n");

	assert_true(node_get(d->root, "quoted")->quoted);
	assert_string_equal(node_get_text(d->root, "block"), "1\n");
	assert_int_equal(node_get(d->root, "empty")->kind, NODE_NULL);
	assert_int_equal(node_scalar_type(node_get(d->root, "str")), SCALAR_TEXT);
	assert_int_equal(node_get(d->root, "binary")->size, 5);
	assert_memory_equal(node_get(d->root, "binary")->text, "\0\1\377hi", 5);
	assert_null(node_get_text(d->root, "nul"));
	assert_int_equal(node_get(d->root, "nul")->size, 3);
}

static void test_aliases(ATTR_UNUSED void **state)
{
	CLEANUP(document)
	struct document *d = parse(
		"a: &a {x: 1, y: 2}\nb: *a\nc: {<<: *a, y: 3}\nd: {<<: [{z: 4}, *a], x: 5}\n");

	assert_string_equal(node_get_text(node_get(d->root, "b"), "y"), "2");
	assert_string_equal(node_get_text(node_get(d->root, "c"), "x"), "1");
	assert_string_equal(node_get_text(node_get(d->root, "c"), "y"), "3");
	assert_int_equal(node_get(d->root, "d")->n, 3);
	assert_string_equal(node_get_text(node_get(d->root, "d"), "z"), "4");
	assert_string_equal(node_get_text(node_get(d->root, "d"), "x"), "5");
}

static void test_empty_documents(ATTR_UNUSED void **state)
{
	CLEANUP(document) struct document *none = parse("# only a comment\n");
	CLEANUP(document) struct document *empty = parse("---\n");

	assert_int_equal(none->root->kind, NODE_NULL);
	assert_int_equal(none->root->line, 0);
	assert_int_equal(empty->root->kind, NODE_NULL);
	assert_int_not_equal(empty->root->line, 0);
}

static void test_only_the_first_document_counts(ATTR_UNUSED void **state)
{
	CLEANUP(document) struct document *d = parse("a: 1\n---\nb: 2\n");

	assert_int_equal(d->root->n, 1);
	assert_int_equal(d->ignored_line, 2);
}

static void test_mistakes_have_a_place(ATTR_UNUSED void **state)
{
	assert_refused("a: 1\nb: 2\na: 3\n", 3, 1, "'a' is already given on line 1");
	assert_refused("services:\n  - name: a\n   image: b\n", 3, 4, "indentation");
	assert_refused("a: 'x\n", 1, 4, "ends inside this quoted text");
	assert_refused("a: [1, 2\nb: 3\n", 1, 4, "opened here with '['");
	assert_refused("a:\n\tb: 1\n", 2, 1, "tab");
	assert_refused("a: b: c\n", 1, 5, "': '");
	assert_refused("a: @b\n", 1, 4, "can't begin with '@'");
	assert_refused("a: \"\\q\"\n", 1, 5, "escape");
	assert_refused("[a]: 1\n", 1, 1, "a key must be text, not a list");
	assert_refused("a: {8080: 1}\n", 1, 5, "not a number");
	assert_refused("a: *b\n", 1, 4, "no anchor &b");
	assert_refused("a: &b [*b]\n", 1, 8, "is inside");
	assert_refused("a: {<<: 1}\n", 1, 9, "needs a map");
	assert_refused("a: !foo 1\n", 1, 4, "the tag '!foo' is not allowed here");
	assert_refused("a: !!binary x\n", 1, 4, "base64");
	assert_refused("a: 1\nb: \xff\n", 2, 4, "not UTF-8");
	assert_refused("a: 1\nb: \x01\n", 2, 4, "control character");
	assert_refused("a: 1\n]\n", 2, 1, "closes no bracket");
	assert_refused("{a: 1}\nb: 2\n", 2, 1, "belongs to nothing");
}

static void test_reading_goes_on_behind_mistakes(ATTR_UNUSED void **state)
{
	static const char text[] = "a: 1\n1: x\na: 2\nb: !foo {<<: 3, c: !!binary x}\nd: 4\n";
	CLEANUP(document) struct document *d = NULL;
	CLEANUP(werr) struct werr *mistakes = NULL;
	struct werr *err = NULL;
	size_t n = 0;

	assert_ok(yaml_read("os.yml", text, strlen(text), &d, &mistakes, &err), err);
	for (const struct werr *e = mistakes; e; e = e->next, n++)
		assert_true(e->line >= 2 && e->line <= 4);
	assert_int_equal(n, 5);
	assert_string_equal(node_get_text(d->root, "a"), "1");
	assert_string_equal(node_get_text(node_get(d->root, "b"), "c"), "");
	assert_string_equal(node_get_text(d->root, "d"), "4");
	document_free(STEAL(d));
	assert_true(yaml_parse("os.yml", text, strlen(text), &d, &err) < 0);
	assert_null(d);
	werr_free(STEAL(err));
	werr_free(STEAL(mistakes));
	assert_true(yaml_read("os.yml", "a: 1\n2: a\nb: 'x", 15, &d, &mistakes, &err) < 0);
	assert_int_equal(mistakes->line, 2);
	assert_int_equal(err->line, 3);
	werr_free(err);
}

static void test_there_is_an_end_to_mistakes(ATTR_UNUSED void **state)
{
	CLEANUP(buf) struct buf text = BUF_INIT(1 << 20);

	for (int i = 0; i < 1000; i++)
		buf_puts(&text, "a: 1\n");
	assert_refused(buf_str(&text), 2, 1, "already given on line 1");
}

static void test_depth(ATTR_UNUSED void **state)
{
	CLEANUP(buf) struct buf text = BUF_INIT(1 << 20);

	buf_fill(&text, '[', YAML_DEPTH_MAX + 1);
	assert_refused(buf_str(&text), 1, YAML_DEPTH_MAX + 1, "levels deep");
	buf_truncate(&text, 0);
	buf_puts(&text, "a0: &a0 [x]\n");
	for (int i = 1; i <= YAML_DEPTH_MAX; i++)
		buf_printf(&text, "a%d: &a%d [*a%d]\n", i, i, i - 1);
	assert_refused(buf_str(&text), YAML_DEPTH_MAX - 1, 12, "levels deep");
}

static void test_billion_laughs(ATTR_UNUSED void **state)
{
	CLEANUP(buf) struct buf text = BUF_INIT(1 << 20);

	buf_puts(&text, "a0: &a0 x\n");
	for (int i = 1; i < 12; i++) {
		buf_printf(&text, "a%d: &a%d [", i, i);
		for (int k = 0; k < 10; k++)
			buf_printf(&text, "%s*a%d", k ? "," : "", i - 1);
		buf_puts(&text, "]\n");
	}
	assert_refused(buf_str(&text), 7, 22, "counting what aliases stand for");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nodes_know_their_place),
		cmocka_unit_test(test_scalars),
		cmocka_unit_test(test_aliases),
		cmocka_unit_test(test_empty_documents),
		cmocka_unit_test(test_only_the_first_document_counts),
		cmocka_unit_test(test_mistakes_have_a_place),
		cmocka_unit_test(test_reading_goes_on_behind_mistakes),
		cmocka_unit_test(test_there_is_an_end_to_mistakes),
		cmocka_unit_test(test_depth),
		cmocka_unit_test(test_billion_laughs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
