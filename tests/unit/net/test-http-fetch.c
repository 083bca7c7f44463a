/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

#include <errno.h>

#define DONE ANSWER("201 Created", "Content-Length: 0\r\n", "")
#define BUSY ANSWER("503 Busy", "Content-Length: 0\r\n", "")
#define CUT  "" /* the connection, before the answer began */

/* Send "hello", and check that it was sent `times` times. Returns the last status, or an error. */
static int send_hello(
	const char *const *answers, const char *method, enum http_repeat repeat, size_t times)
{
	CLEANUP(server) struct server *s = server_start(answers);
	CLEANUP(net) struct net *n = fixture_net();
	CLEANUP(http_response) struct http_response *response = NULL;
	const struct http_source body = http_memory("hello", 5);
	const struct http_request q = {
		.method = method, .url = s->base, .body = &body, .repeat = repeat};
	int r = http_fetch(n, &q, &response, NULL);

	server_stop(s);
	assert_int_equal(s->requests.n, times);
	for (size_t i = 0; i < times; i++) {
		assert_non_null(strstr(s->requests.items[i], "Content-Length: 5\r\n"));
		assert_string_equal(strstr(s->requests.items[i], "\r\n\r\n"), "\r\n\r\nhello");
	}
	return r < 0 ? r : http_status(response);
}

static void a_redirect_sends_the_body_again(ATTR_UNUSED void **state)
{
	static const char *const moved[] = {
		ANSWER("307 There", "Location: %s/b\r\nContent-Length: 0\r\n", ""),
		ANSWER("308 There", "Location: /c\r\nContent-Length: 0\r\n", ""), DONE, NULL};
	/* Makes a GET of it, which is not what was meant. */
	static const char *const other[] = {
		ANSWER("303 Other", "Location: /b\r\nContent-Length: 0\r\n", ""), NULL};

	assert_int_equal(send_hello(moved, "PUT", HTTP_REPEAT_BY_METHOD, 3), 201);
	assert_int_equal(send_hello(moved, "POST", HTTP_REPEAT_BY_METHOD, 3), 201);
	assert_int_equal(send_hello(other, "PUT", HTTP_REPEAT_BY_METHOD, 1), 303);
}

static void a_repetition_sends_the_body_again(ATTR_UNUSED void **state)
{
	static const char *const answers[] = {BUSY, CUT, DONE, NULL};

	assert_int_equal(send_hello(answers, "PUT", HTTP_REPEAT_BY_METHOD, 3), 201);
	assert_int_equal(send_hello(answers, "POST", HTTP_REPEAT_ALWAYS, 3), 201);
}

static void what_must_not_be_done_twice_is_not(ATTR_UNUSED void **state)
{
	static const char *const busy[] = {BUSY, NULL};
	static const char *const cut[] = {CUT, NULL};

	assert_int_equal(send_hello(busy, "POST", HTTP_REPEAT_BY_METHOD, 1), 503);
	assert_int_equal(send_hello(busy, "PATCH", HTTP_REPEAT_BY_METHOD, 1), 503);
	assert_int_equal(send_hello(busy, "PUT", HTTP_REPEAT_NEVER, 1), 503);
	assert_int_equal(send_hello(cut, "POST", HTTP_REPEAT_BY_METHOD, 1), -ECONNRESET);
}

static void a_body_is_sent_from_an_offset(ATTR_UNUSED void **state)
{
	CLEANUP(server)
	struct server *s = server_start((const char *const[]){BUSY, DONE, NULL});
	CLEANUP(net) struct net *n = fixture_net();
	CLEANUP(http_response) struct http_response *response = NULL;
	const struct http_source body = http_memory("hello", 5);
	const struct http_request q = {
		.method = "PUT", .url = s->base, .body = &body, .body_offset = 3};
	struct werr *err = NULL;

	assert_ok(http_fetch(n, &q, &response, &err), err);
	server_stop(s);
	for (size_t i = 0; i < 2; i++) {
		assert_non_null(strstr(s->requests.items[i], "Content-Length: 2\r\n"));
		assert_string_equal(strstr(s->requests.items[i], "\r\n\r\n"), "\r\n\r\nlo");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_redirect_sends_the_body_again),
		cmocka_unit_test(a_repetition_sends_the_body_again),
		cmocka_unit_test(what_must_not_be_done_twice_is_not),
		cmocka_unit_test(a_body_is_sent_from_an_offset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
