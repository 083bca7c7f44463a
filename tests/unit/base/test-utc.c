/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <string.h>

#include "base/str.h"
#include "base/utc.h"

static void test_dates(ATTR_UNUSED void **state)
{
	static const struct {
		int64_t seconds;
		const char *text;
	} dates[] = {
		{0, "1970-01-01 00:00:00"},
		{-1, "1969-12-31 23:59:59"},
		{INT32_MAX, "2038-01-19 03:14:07"},
		{(int64_t)INT32_MAX + 1, "2038-01-19 03:14:08"},
		{951782400, "2000-02-29 00:00:00"},
		{951868799, "2000-02-29 23:59:59"},
		{951868800, "2000-03-01 00:00:00"},
		{4107542399, "2100-02-28 23:59:59"},
		{4107542400, "2100-03-01 00:00:00"},
		{-2208988800, "1900-01-01 00:00:00"},
		{-62167219200, "0000-01-01 00:00:00"},
		{253402300799, "9999-12-31 23:59:59"},
		{13569465600, "2400-01-01 00:00:00"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(dates); i++) {
		char text[32];
		struct tm t;

		assert_true(utc_from(dates[i].seconds, &t));
		str_format(text, sizeof(text), "%04d-%02d-%02d %02d:%02d:%02d", t.tm_year + 1900,
			t.tm_mon + 1, t.tm_mday, t.tm_hour, t.tm_min, t.tm_sec);
		assert_string_equal(text, dates[i].text);
	}
}

/* Each day of two times 400 years is the one after the one before. */
static void test_days(ATTR_UNUSED void **state)
{
	static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	struct tm last, t;

	assert_true(utc_from(INT64_C(-12622780800), &last)); /* 1570-01-01 */
	for (int64_t day = -146096; day < 146097; day++) {
		int year = last.tm_year + 1900;
		bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
		bool ends = last.tm_mday == lengths[last.tm_mon] + (leap && last.tm_mon == 1);

		assert_true(utc_from(day * 86400, &t));
		assert_int_equal(t.tm_mday, ends ? 1 : last.tm_mday + 1);
		assert_int_equal(t.tm_mon, ends ? (last.tm_mon + 1) % 12 : last.tm_mon);
		assert_int_equal(t.tm_year, last.tm_year + (ends && last.tm_mon == 11));
		last = t;
	}
}

static void test_years_that_do_not_fit(ATTR_UNUSED void **state)
{
	struct tm t = {.tm_year = 7};

	assert_false(utc_from(INT64_MAX, &t));
	assert_false(utc_from(INT64_MIN, &t));
	assert_int_equal(t.tm_year, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dates),
		cmocka_unit_test(test_days),
		cmocka_unit_test(test_years_that_do_not_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
