/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdlib.h>

#include "base/str.h"
#include "data/node.h"

static struct node plain(const char *text)
{
	return (struct node){.kind = NODE_SCALAR, .text = text, .size = strlen(text)};
}

static void test_whole_numbers(ATTR_UNUSED void **state)
{
	static const struct {
		const char *text;
		int64_t value;
	} good[] = {{"0", 0}, {"12", 12}, {"+5", 5}, {"-0x2", -2}, {"0x1F", 31}, {"0o17", 15},
		{"017", 15}, {"0b101", 5}, {"1_000", 1000}, {"1e2", 100}, {"5.0", 5},
		{"-9223372036854775808", INT64_MIN}, {"9223372036854775807", INT64_MAX}};
	static const char *const bad[] = {"", "x", "1x", "0x", "0x0x1", "08", "1.5", "--1", "yes",
		"9223372036854775808", "1e30", "1:30", "0b12", ".", "-", "+"};

	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		struct node n = plain(good[i].text);
		int64_t value = 0;

		if (!node_to_i64(&n, &value) || value != good[i].value)
			fail_msg("%s: %lld", good[i].text, (long long)value);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct node n = plain(bad[i]);
		int64_t value = 0;

		if (node_to_i64(&n, &value))
			fail_msg("%s: %lld", bad[i], (long long)value);
	}
}

static void test_unsigned(ATTR_UNUSED void **state)
{
	struct node most = plain("18446744073709551615"), negative = plain("-1");
	uint64_t value = 0;

	assert_true(node_to_u64(&most, &value));
	assert_true(value == UINT64_MAX);
	assert_false(node_to_u64(&negative, &value));
}

static void test_types(ATTR_UNUSED void **state)
{
	static const struct {
		const char *text;
		enum scalar_type type;
	} cases[] = {{"True", SCALAR_BOOL}, {"yes", SCALAR_TEXT}, {"on", SCALAR_TEXT},
		{"1e", SCALAR_TEXT}, {"1:30:00", SCALAR_TEXT}, {"1.5", SCALAR_NUMBER},
		{".inf", SCALAR_NUMBER}, {"08", SCALAR_NUMBER},
		{"18446744073709551616", SCALAR_NUMBER}, {"1.2.3", SCALAR_TEXT},
		{"2024-01-01", SCALAR_TEXT}, {"-", SCALAR_TEXT}};
	struct node quoted = plain("1");
	bool truth;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct node n = plain(cases[i].text);

		if (node_scalar_type(&n) != cases[i].type)
			fail_msg("%s", cases[i].text);
	}
	quoted.quoted = true;
	assert_int_equal(node_scalar_type(&quoted), SCALAR_TEXT);
	assert_false(node_to_bool(&quoted, &truth));
}

static void test_error_at_node(ATTR_UNUSED void **state)
{
	struct document d = {.name = (char[]){"os.yml"}};
	struct node n = {.document = &d, .kind = NODE_LIST, .line = 3, .column = 5};
	struct werr *err = NULL;

	assert_true(node_error(&err, &n, "not %s", node_kind_name(&n)) < 0);
	assert_string_equal(err->file, "os.yml");
	assert_int_equal(err->line, 3);
	assert_int_equal(err->column, 5);
	assert_string_equal(err->message, "not a list");
	/* One that has a place keeps it. */
	n.line = 4;
	node_place(&err, &n);
	assert_int_equal(err->line, 3);
	werr_free(err);
}

static void test_place_of_an_error_without_one(ATTR_UNUSED void **state)
{
	struct document d = {.name = (char[]){"os.yml"}};
	const struct node n = {.document = &d, .line = 3, .column = 5};
	struct werr *err = NULL;

	node_place(&err, &n);
	node_place(NULL, &n);
	werr_set(&err, WERR_INVALID, "wrong");
	node_place(&err, &n);
	assert_string_equal(err->file, "os.yml");
	assert_int_equal(err->line, 3);
	assert_int_equal(err->column, 5);
	werr_free(err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole_numbers),
		cmocka_unit_test(test_unsigned),
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_error_at_node),
		cmocka_unit_test(test_place_of_an_error_without_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
