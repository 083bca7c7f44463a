/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "data/json.h"
#include "probe/outside.h"

static bool add(struct probe_outside *o, const char *text)
{
	return probe_outside_add(o, text, strlen(text));
}

static bool add_frame(struct probe_outside *o, const char *key, const char *id)
{
	CLEANUP(free) char *line = str_printf("{\"%s\":\"%s\"}\n", key, id);

	return add(o, line);
}

static void test_an_answer(ATTR_UNUSED void **state)
{
	CLEANUP(probe_outside) struct probe_outside o = PROBE_OUTSIDE_INIT;
	CLEANUP(free) char *question = probe_outside_ask(&o);

	assert_ptr_equal(strstr(question, "\n{\"do\":\"list\",\"id\":\""), question);
	assert_non_null(strstr(question, o.reader.id));
	/* What an earlier client left. */
	assert_false(add(&o, "\"x\":1}\n{\"containers\":[]}\n{\"end\":\"other\"}\n\n"));
	assert_false(add_frame(&o, "begin", o.reader.id));
	assert_false(add(&o, "{\"contai"));
	assert_false(add(&o, "ners\":[{\"name\":\"a\",\"state\":\"ready\"}]}\n"));
	assert_true(add_frame(&o, "end", o.reader.id));
	assert_non_null(o.answer);
	assert_non_null(node_get(o.answer->root, "containers"));
}

/* The next question has another id. */
static void test_answers_to_others(ATTR_UNUSED void **state)
{
	CLEANUP(probe_outside) struct probe_outside o = PROBE_OUTSIDE_INIT;
	CLEANUP(free) char *first = probe_outside_ask(&o);
	CLEANUP(free) char *id = str_dup(o.reader.id);
	CLEANUP(free) char *second = probe_outside_ask(&o);

	assert_string_not_equal(first, second);
	assert_false(add_frame(&o, "begin", id));
	assert_false(add(&o, "{\"containers\":[]}\n"));
	assert_false(add_frame(&o, "end", id));
	assert_null(o.answer);
	/* The end without its beginning. */
	assert_false(add_frame(&o, "end", o.reader.id));
}

static void test_a_line_without_end(ATTR_UNUSED void **state)
{
	CLEANUP(probe_outside) struct probe_outside o = PROBE_OUTSIDE_INIT;
	CLEANUP(free) ATTR_UNUSED char *question = probe_outside_ask(&o);
	CLEANUP(free) char *much = mem_alloc(OUTSIDE_ANSWER_MAX + 2);

	memset(much, 'x', OUTSIDE_ANSWER_MAX + 1);
	assert_false(add(&o, much));
	assert_false(add(&o, much));
	assert_false(add(&o, "\n"));
	assert_false(add_frame(&o, "begin", o.reader.id));
	assert_true(add_frame(&o, "end", o.reader.id));
	assert_null(o.answer);
}

static char *compare(const char *list, const char *wanted)
{
	CLEANUP(document) struct document *a = NULL;
	CLEANUP(document) struct document *b = NULL;
	char *why = NULL;

	assert_int_equal(json_parse("a", list, strlen(list), &a, NULL), 0);
	assert_int_equal(json_parse("b", wanted, strlen(wanted), &b, NULL), 0);
	probe_outside_compare(a->root, b->root, &why);
	return why;
}

static void test_states(ATTR_UNUSED void **state)
{
	static const char list[] = "{\"containers\":[{\"name\":\"a\",\"state\":\"ready\"},"
				   "{\"name\":\"b\",\"state\":\"failed\"}]}";
	CLEANUP(free) char *same = compare(list, "{\"b\":\"failed\",\"a\":\"ready\"}");
	CLEANUP(free) char *other = compare(list, "{\"b\":\"ready\"}");
	CLEANUP(free) char *missing = compare(list, "{\"c\":\"ready\"}");
	CLEANUP(free) char *none = compare("{}", "{\"c\":\"ready\"}");

	assert_null(same);
	assert_string_equal(other, "b is failed, not ready");
	assert_string_equal(missing, "there is no c among: a, b");
	assert_string_equal(none, "there is no c among: none");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_answer),
		cmocka_unit_test(test_answers_to_others),
		cmocka_unit_test(test_a_line_without_end),
		cmocka_unit_test(test_states),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
