/* SPDX-License-Identifier: Apache-2.0 */
/* Requests from outside. */
#include "port-place.h"

static void test_a_list_in_its_frame(void **state)
{
	struct place *p = *state;
	const char *got;

	assert_string_equal(ask(p, "\n{\"do\":"), "");
	got = ask(p, "\"list\",\"id\":\"one\"}\n");
	assert_ptr_equal(strstr(got, "\n{\"begin\":\"one\"}\n{\"uptime-ms\":"), got);
	assert_true(str_ends_with(got, "\"containers\":[]}\n{\"end\":\"one\"}\n"));
	/* The port stays open. */
	assert_non_null(strstr(ask(p, "{\"do\":\"boot\",\"id\":\"two\"}\n"), "{\"end\":\"two\"}"));
}

static void test_mistakes_are_answered(void **state)
{
	struct place *p = *state;
	CLEANUP(free) char *id = mem_alloc(200);

	assert_non_null(strstr(ask(p, "nonsense\n"), "\n{\"begin\":\"\"}\n{\"error\":\""));
	assert_non_null(strstr(ask(p, "{\"do\":\"stop\",\"name\":\"x\",\"id\":\"i\"}\n"),
		"{\"error\":\"there is no container x\"}\n{\"end\":\"i\"}\n"));
	assert_non_null(strstr(ask(p, "{\"do\":\"exec\",\"name\":\"x\",\"argv\":[\"y\"]}\n"),
		"\n{\"begin\":\"\"}\n{\"error\":\"there is no container x\"}\n{\"end\":\"\"}\n"));
	/* As for exec, the descriptors are there. */
	assert_non_null(strstr(ask(p, "{\"do\":\"debug\",\"name\":\"x\"}\n"),
		"{\"error\":\"there is no container x\"}\n"));
	/* A frame for no program is of a client that has left. */
	assert_string_equal(ask(p, "{\"in\":\"eA==\"}\n{\"size\":\"1x1\"}\n"), "");
	memset(id, 'a', OUTSIDE_ID_MAX + 1);
	str_copy(id + OUTSIDE_ID_MAX + 1, 8, "\"}\n");
	ask(p, "{\"do\":\"list\",\"id\":\"");
	assert_non_null(strstr(ask(p, id), "'id' is too long"));
}

static void test_a_line_that_is_too_long_is_skipped(void **state)
{
	struct place *p = *state;
	CLEANUP(free) char *much = mem_alloc(REQUEST_MAX + 2);

	memset(much, ' ', REQUEST_MAX + 1);
	much[REQUEST_MAX + 1] = 0;
	assert_string_equal(ask(p, much), "");
	assert_string_equal(ask(p, "{\"do\":\"list\"}\n"), "");
	assert_non_null(strstr(ask(p, "{\"do\":\"list\"}\n"), "{\"end\":\"\"}\n"));
}

/* What waits is given up: the next request is answered at once. */
static void test_a_request_ends_the_one_before(void **state)
{
	struct place *p = *state;
	const char *got;

	got = ask(p, "{\"do\":\"logs\",\"follow\":true,\"id\":\"a\"}\n");
	assert_string_equal(got, "\n{\"begin\":\"a\"}\n");
	got = ask(p, "{\"do\":\"list\",\"id\":\"b\"}\n");
	assert_ptr_equal(strstr(got, "{\"end\":\"a\"}\n\n{\"begin\":\"b\"}\n"), got);
	assert_non_null(strstr(got, "{\"end\":\"b\"}\n"));
}

static void test_nobody_reads(void **state)
{
	static const char request[] = "{\"do\":\"list\",\"id\":\"a\"}\n";
	struct place *p = *state;
	size_t sent = 0;

	while (send(p->owner, request, strlen(request), MSG_DONTWAIT) > 0) {
		turn(p);
		assert_true(++sent < 1000000);
	}
	while (recv(p->owner, p->got, sizeof(p->got), MSG_DONTWAIT) > 0)
		turn(p);
	assert_non_null(strstr(ask(p, "\n{\"do\":\"list\",\"id\":\"b\"}\n"), "{\"end\":\"b\"}\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_OF_PORT(test_a_list_in_its_frame),
		TEST_OF_PORT(test_mistakes_are_answered),
		TEST_OF_PORT(test_a_line_that_is_too_long_is_skipped),
		TEST_OF_PORT(test_a_request_ends_the_one_before),
		TEST_OF_PORT(test_nobody_reads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
