/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "base/mem.h"
#include "data/table.h"

static void check(const struct table_column *columns, size_t n, const char *cells, size_t width,
	const char *expected)
{
	CLEANUP(table) struct table t = {.columns = columns, .n = n};
	CLEANUP(buf) struct buf out = BUF_INIT(1 << 16);

	strv_split(&t.cells, cells, '|');
	table_write(&out, &t, width);
	assert_string_equal(buf_str(&out), expected);
}

static void test_columns_are_as_wide_as_they_need(ATTR_UNUSED void **state)
{
	static const struct table_column columns[] = {
		{.title = "A"}, {.title = "SIZE", .right = true}};

	check(columns, 2, "name|1|x|12345", 80, "A      SIZE\nname      1\nx     12345\n");
	check(columns, 2, "", 80, "A  SIZE\n");
}

static void test_the_first_is_cut(ATTR_UNUSED void **state)
{
	static const struct table_column columns[] = {{.title = "A"}, {.title = "B"}};

	check(columns, 2, "a name that is long|b", 18, "A                B\na name that i..  b\n");
	check(columns, 2, "a name that is long|b", 0,
		"A                    B\na name that is long  b\n");
}

static void test_wrapped_columns_share_the_room(ATTR_UNUSED void **state)
{
	static const struct table_column columns[] = {
		{.title = "N"}, {.title = "DOES", .wrap = true}, {.title = "NEEDS", .wrap = true}};

	check(columns, 3, "n|some words that are many|a, b", 26,
		"N  DOES              NEEDS\n"
		"n  some words that   a, b\n"
		"   are many\n");
	check(columns, 3, "n|some words that are many|more of them, and more", 31,
		"N  DOES           NEEDS\n"
		"n  some words     more of them,\n"
		"   that are many  and more\n");
	check(columns, 3, "n|onewordthatisverylong|x", 5,
		"N  DOES          NEEDS\n"
		"n  onewordthati  x\n"
		"   sverylong\n");
	check(columns, 3,
		"n|\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4 "
		"\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4|x",
		1,
		"N  DOES          NEEDS\n"
		"n  \xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4       x\n"
		"   \xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_columns_are_as_wide_as_they_need),
		cmocka_unit_test(test_the_first_is_cut),
		cmocka_unit_test(test_wrapped_columns_share_the_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
