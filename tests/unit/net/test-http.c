/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

#include <errno.h>

#include <unistd.h>

#include "base/cancel.h"
#include "net/transfer.h"
#include "net/start.h"
#include "net/url.h"

/* GET base/path; the text or the error. */
static int get(struct server *s, const char *path, size_t max, char **ret, struct werr **err)
{
	CLEANUP(net) struct net *n = fixture_net();
	CLEANUP(free) char *url = str_printf("%s%s", s->base, path);
	size_t size;

	return net_get_text(n, url, max, ret, &size, err);
}

static void a_text_is_read(ATTR_UNUSED void **state)
{
	CLEANUP(server)
	struct server *s = server_start(
		(const char *const[]){ANSWER("200 OK", "Content-Length: 5\r\n", "hello"), NULL});
	CLEANUP(free) char *text = NULL;
	struct werr *err = NULL;

	assert_ok(get(s, "/a/b?c=d", 100, &text, &err), err);
	assert_string_equal(text, "hello");
	server_stop(s);
	assert_non_null(strstr(s->requests.items[0], "GET /a/b?c=d HTTP/1.1\r\n"));
}

static void more_than_allowed_is_not_read(ATTR_UNUSED void **state)
{
	CLEANUP(server)
	struct server *s = server_start((const char *const[]){ANSWER("200 OK", "", "hello"), NULL});
	CLEANUP(free) char *text = NULL;
	struct werr *err = NULL;

	assert_fails(get(s, "/", 4, &text, &err), err, WERR_LIMIT, "larger than");
}

static void what_does_not_exist_is_reported(ATTR_UNUSED void **state)
{
	CLEANUP(server)
	struct server *s = server_start((const char *const[]){
		ANSWER("404 Not Found", "Content-Length: 3\r\n", "no!"), NULL});
	CLEANUP(free) char *text = NULL;
	struct werr *err = NULL;

	assert_fails(get(s, "/x", 100, &text, &err), err, WERR_NOT_FOUND, "404): no!");
}

static void a_busy_server_is_asked_again(ATTR_UNUSED void **state)
{
	CLEANUP(server)
	struct server *s = server_start((const char *const[]){
		ANSWER("503 Busy", "Content-Length: 0\r\n", ""), "", /* cut before it began */
		ANSWER("429 Slowly", "Retry-After: 1\r\nContent-Length: 0\r\n", ""),
		ANSWER("200 OK", "Content-Length: 2\r\n", "ok"), NULL});
	CLEANUP(free) char *text = NULL;
	struct werr *err = NULL;

	assert_ok(get(s, "/", 100, &text, &err), err);
	assert_string_equal(text, "ok");
}

static void a_server_that_asks_for_too_long_is_not(ATTR_UNUSED void **state)
{
	CLEANUP(server)
	struct server *s = server_start((const char *const[]){
		ANSWER("429 Slowly", "Retry-After: 3600\r\nContent-Length: 0\r\n", ""), NULL});
	CLEANUP(free) char *text = NULL;
	struct werr *err = NULL;

	assert_fails(get(s, "/", 100, &text, &err), err, WERR_FAILED, "429");
}

static void redirects_are_followed(ATTR_UNUSED void **state)
{
	CLEANUP(server)
	struct server *s = server_start((const char *const[]){
		ANSWER("302 Found", "Location: ../b\r\nContent-Length: 0\r\n", ""),
		ANSWER("307 There", "Location: %s/c\r\nContent-Length: 0\r\n", ""),
		ANSWER("200 OK", "Content-Length: 2\r\n", "ok"), NULL});
	CLEANUP(free) char *text = NULL;
	struct werr *err = NULL;

	assert_ok(get(s, "/x/y", 100, &text, &err), err);
	server_stop(s);
	assert_non_null(strstr(s->requests.items[1], "GET /b HTTP/1.1\r\n"));
	assert_non_null(strstr(s->requests.items[2], "GET /c HTTP/1.1\r\n"));
}

static void redirects_lead_neither_to_files_nor_out_of_tls(ATTR_UNUSED void **state)
{
	static const struct {
		const char *answer, *message;
	} cases[] = {
		{ANSWER("302 Found", "Location: file:///etc/passwd\r\nContent-Length: 0\r\n", ""),
			"not an http or https URL"},
		{ANSWER("302 Found", "Location: http://example.test/\r\nContent-Length: 0\r\n", ""),
			"plain HTTP"},
		{ANSWER("302 Found", "Location: http://me:you@127.0.0.1/\r\nContent-Length: 0\r\n",
			 ""),
			"not a URL"},
		{ANSWER("302 Found", "Content-Length: 0\r\n", ""), "redirects to nowhere"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(server)
		struct server *s = server_start((const char *const[]){cases[i].answer, NULL});
		CLEANUP(free) char *text = NULL;
		struct werr *err = NULL;
		int r = get(s, "/", 100, &text, &err);

		assert_true(r < 0);
		if (!strstr(err->message, cases[i].message))
			fail_msg("%s", err->message);
		werr_free(err);
	}
}

static void a_circle_of_redirects_ends(ATTR_UNUSED void **state)
{
	static const char again[] = ANSWER("302 Found", "Location: /\r\nContent-Length: 0\r\n", "");
	CLEANUP(server)
	struct server *s = server_start((const char *const[]){
		again, again, again, again, again, again, again, again, again, again, again, NULL});
	CLEANUP(free) char *text = NULL;
	struct werr *err = NULL;

	assert_fails(get(s, "/", 100, &text, &err), err, WERR_LIMIT, "more than 10 times");
}

static void endless_header_fields_are_refused(ATTR_UNUSED void **state)
{
	CLEANUP(buf) struct buf answer = BUF_INIT(1 << 20);
	CLEANUP(free) char *text = NULL;
	struct werr *err = NULL;

	buf_puts(&answer, "HTTP/1.1 200 OK\r\n");
	for (int i = 0; i < 100; i++) {
		buf_printf(&answer, "X-%d: ", i);
		buf_fill(&answer, 'x', 2000);
		buf_puts(&answer, "\r\n");
	}
	CLEANUP(server)
	struct server *s = server_start((const char *const[]){buf_str(&answer), NULL});
	assert_fails(get(s, "/", 100, &text, &err), err, WERR_LIMIT, "header fields");
}

static void what_is_not_http_is_refused(ATTR_UNUSED void **state)
{
	CLEANUP(server)
	struct server *s = server_start((const char *const[]){
		"220 mail.example ESMTP\r\n", "220 mail.example ESMTP\r\n", NULL});
	CLEANUP(free) char *text = NULL;
	struct werr *err = NULL;

	assert_fails(get(s, "/", 100, &text, &err), err, WERR_FAILED, "does not speak HTTP");
}

static void a_cut_body_is_an_error(ATTR_UNUSED void **state)
{
	CLEANUP(server)
	struct server *s = server_start(
		(const char *const[]){ANSWER("200 OK", "Content-Length: 50\r\n", "hello"), NULL});
	CLEANUP(free) char *text = NULL;
	struct werr *err = NULL;

	assert_fails(get(s, "/", 100, &text, &err), err, WERR_FAILED, "cut");
}

static void a_refused_connection_is_reported_at_once(ATTR_UNUSED void **state)
{
	CLEANUP(server) struct server *s = server_start((const char *const[]){NULL});
	CLEANUP(free) char *text = NULL;
	struct werr *err = NULL;

	server_stop(s);
	assert_fails(get(s, "/", 100, &text, &err), err, WERR_FAILED, "can't connect");
}

static void plain_http_is_for_this_machine(ATTR_UNUSED void **state)
{
	CLEANUP(net) struct net *n = fixture_net();
	CLEANUP(free) char *text = NULL;
	struct werr *err = NULL;
	size_t size;

	assert_fails(net_get_text(n, "http://example.test/", 10, &text, &size, &err), err,
		WERR_DENIED, "plain HTTP");
	assert_fails(net_get_text(n, "http://127.0.0.1.example.test/", 10, &text, &size, &err), err,
		WERR_DENIED, "plain HTTP");
	assert_fails(net_get_text(n, "file:///etc/passwd", 10, &text, &size, &err), err,
		WERR_INVALID, "not an http or https URL");
	assert_fails(net_get_text(n, "nonsense", 10, &text, &size, &err), err, WERR_INVALID,
		"not a URL");
}

static void line_breaks_are_not_sent(ATTR_UNUSED void **state)
{
	CLEANUP(server) struct server *s = server_start((const char *const[]){NULL});
	CLEANUP(net) struct net *n = fixture_net();
	CLEANUP(free) char *url = str_printf("%s/a\r\nb", s->base);
	const struct http_request cases[] = {
		{.method = "GET", .url = url},
		{.method = "GET", .url = s->base, .headers = {"A: b", "C: d\nE: f"}},
		{.method = "GET", .url = s->base, .authorization = "Bearer a\rb"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct http_response *response = NULL;
		struct werr *err = NULL;

		assert_fails(http_send(n, &cases[i], &response, &err), err, WERR_INVALID,
			"control characters");
	}
}

static void a_server_elsewhere_cannot_send_us_here(ATTR_UNUSED void **state)
{
	CLEANUP(net) struct net *n = fixture_net();
	CLEANUP(url) struct url outside = {0};
	CLEANUP(url) struct url here = {0};
	CLEANUP(url) struct url next = {0};
	struct werr *err = NULL;

	assert_ok(net_load(n, &err), err);
	assert_ok(url_parse(n, "https://registry.example/v2/", NULL, &outside, &err), err);
	assert_ok(url_parse(n, "http://127.0.0.1:5000/v2/", NULL, &here, &err), err);
	assert_fails(url_follow(n, &outside, "https://localhost/x", &next, &err), err, WERR_DENIED,
		"is this machine");
	assert_fails(url_follow(n, &outside, "http://0x7f.1/x", &next, &err), err, WERR_DENIED,
		"is this machine");
	assert_fails(url_follow(n, &outside, "http://b.example/x?secret=1", &next, &err), err,
		WERR_DENIED, "http://b.example/x?... is plain HTTP");
	assert_ok(url_follow(n, &here, "/x", &next, &err), err);
	assert_string_equal(next.text, "http://127.0.0.1:5000/x");
}

static void secrets_of_urls_are_not_shown(ATTR_UNUSED void **state)
{
	static const struct {
		const char *url, *shown;
	} cases[] = {
		{"https://a.example/b?sig=x&y=z", "https://a.example/b?..."},
		{"https://me:secret@a.example/b@c", "https://a.example/b@c"},
		{"https://me:sec@ret@a.example", "https://a.example"},
		{"me:secret@a.example?x", "a.example?..."},
		{"/b?c", "/b?..."},
		{"https://a.example/#f?g", "https://a.example/"},
		{"", ""},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(free) char *shown = url_shown(cases[i].url);

		assert_string_equal(shown, cases[i].shown);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_text_is_read),
		cmocka_unit_test(more_than_allowed_is_not_read),
		cmocka_unit_test(what_does_not_exist_is_reported),
		cmocka_unit_test(a_busy_server_is_asked_again),
		cmocka_unit_test(a_server_that_asks_for_too_long_is_not),
		cmocka_unit_test(redirects_are_followed),
		cmocka_unit_test(redirects_lead_neither_to_files_nor_out_of_tls),
		cmocka_unit_test(a_circle_of_redirects_ends),
		cmocka_unit_test(endless_header_fields_are_refused),
		cmocka_unit_test(what_is_not_http_is_refused),
		cmocka_unit_test(a_cut_body_is_an_error),
		cmocka_unit_test(a_refused_connection_is_reported_at_once),
		cmocka_unit_test(plain_http_is_for_this_machine),
		cmocka_unit_test(line_breaks_are_not_sent),
		cmocka_unit_test(a_server_elsewhere_cannot_send_us_here),
		cmocka_unit_test(secrets_of_urls_are_not_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
