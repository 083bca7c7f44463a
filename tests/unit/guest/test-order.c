/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <string.h>

#include "keep/order.h"

static struct strv list(const char *names)
{
	struct strv v = {0};

	if (*names)
		strv_split(&v, names, ' ');
	return v;
}

/* afters: for each of a, b, c, d the names that it waits for. */
static void make(struct order *o, const char *const afters[4], struct werr **err)
{
	static const char *const names[] = {"a", "b", "c", "d"};
	struct strv lists[4];
	const struct strv *pointers[4];

	for (size_t i = 0; i < 4; i++) {
		lists[i] = list(afters[i]);
		pointers[i] = &lists[i];
	}
	order_make(o, names, pointers, 4, err);
	for (size_t i = 0; i < 4; i++)
		strv_clear(&lists[i]);
}

static void test_names_become_indexes(ATTR_UNUSED void **state)
{
	struct order o;
	struct werr *err = NULL;

	make(&o, (const char *const[]){"", "a", "a b", ""}, &err);
	assert_null(err);
	assert_true(order_waits(&o, 1, 0));
	assert_true(order_waits(&o, 2, 1));
	assert_false(order_waits(&o, 0, 1));
	assert_int_equal(o.nodes[3].n, 0);
	order_cleanup(&o);
}

static void test_unknown_names_are_reported_and_left_out(ATTR_UNUSED void **state)
{
	struct order o;
	CLEANUP(werr) struct werr *err = NULL;

	make(&o, (const char *const[]){"x b", "", "", "y"}, &err);
	assert_non_null(strstr(err->message, "a starts after x"));
	assert_non_null(strstr(err->next->message, "d starts after y"));
	assert_int_equal(o.nodes[0].n, 1);
	assert_int_equal(o.nodes[3].n, 0);
	order_cleanup(&o);
}

static void test_circles_are_reported_and_broken(ATTR_UNUSED void **state)
{
	struct order o;
	CLEANUP(werr) struct werr *err = NULL;

	make(&o, (const char *const[]){"b", "c", "a", "d"}, &err);
	assert_non_null(strstr(err->message, "wait for each other"));
	assert_non_null(strstr(err->next->message, "d and d wait"));
	assert_null(err->next->next);
	assert_int_equal(o.nodes[0].n + o.nodes[1].n + o.nodes[2].n, 2);
	order_cleanup(&o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names_become_indexes),
		cmocka_unit_test(test_unknown_names_are_reported_and_left_out),
		cmocka_unit_test(test_circles_are_reported_and_broken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
