/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies in transit: large ones, those still being sent when the answer comes, slow ones. */
#include "net/http.h"
#include "net/transfer.h"

#include <errno.h>

#include <unistd.h>

#include "fixture.h"

/* The body is larger than the window: the transfer is paused and goes on. */
static void a_slow_reader_gets_all(ATTR_UNUSED void **state)
{
	enum { SIZE = 900000 };
	CLEANUP(buf) struct buf answer = BUF_INIT(1 << 20);
	CLEANUP(net) struct net *n = fixture_net();
	CLEANUP(http_response) struct http_response *response = NULL;
	struct http_request q = {.method = "GET"};
	struct werr *err = NULL;
	size_t got = 1, sum = 0;
	char chunk[1000];

	buf_printf(&answer, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", SIZE);
	for (size_t i = 0; i < SIZE; i++)
		buf_putc(&answer, (char)('a' + i % 23));
	CLEANUP(server)
	struct server *s = server_start((const char *const[]){buf_str(&answer), NULL});
	q.url = s->base;
	assert_ok(http_send(n, &q, &response, &err), err);
	while (got > 0) {
		assert_ok(reader_read(http_body(response), chunk, sizeof(chunk), &got, &err), err);
		for (size_t i = 0; i < got; i++)
			assert_int_equal(chunk[i], (char)('a' + (sum + i) % 23));
		sum += got;
	}
	assert_int_equal(sum, SIZE);
}

static void a_body_is_sent(ATTR_UNUSED void **state)
{
	CLEANUP(server)
	struct server *s = server_start((const char *const[]){
		ANSWER("201 Created", "Location: /x\r\nContent-Length: 0\r\n", ""), NULL});
	CLEANUP(net) struct net *n = fixture_net();
	CLEANUP(http_response) struct http_response *response = NULL;
	const struct http_source body = http_memory("hello", 5);
	const struct http_request q = {.method = "PUT",
		.url = s->base,
		.headers = {"Content-Type: text/x"},
		.body = &body};
	struct werr *err = NULL;

	assert_ok(http_send(n, &q, &response, &err), err);
	assert_int_equal(http_status(response), HTTP_CREATED);
	assert_string_equal(http_header(response, "LOCATION", NULL), "/x");
	server_stop(s);
	assert_non_null(strstr(s->requests.items[0], "PUT / HTTP/1.1\r\n"));
	assert_non_null(strstr(s->requests.items[0], "Content-Length: 5\r\n"));
	assert_non_null(strstr(s->requests.items[0], "Content-Type: text/x\r\n"));
	assert_null(strstr(s->requests.items[0], "Expect:"));
}

/* ---- a body that is still being sent ---- */

enum { LARGE = 64 << 20 }; /* bytes; more than any socket takes at once */

struct zeros {
	struct reader reader;
	unsigned *freed;
};

static int zeros_read(ATTR_UNUSED struct reader *r, void *p, size_t size, size_t *got,
	ATTR_UNUSED struct werr **err)
{
	memset(p, 0, size);
	*got = size;
	return 0;
}

static void zeros_free(struct reader *r)
{
	struct zeros *z = CONTAINER_OF(r, struct zeros, reader);

	++*z->freed;
	free(z);
}

static int open_zeros(const struct http_source *s, ATTR_UNUSED uint64_t offset, struct reader **ret,
	ATTR_UNUSED struct werr **err)
{
	struct zeros *z = mem_new(struct zeros);
	unsigned *const *freed = s->ctx;

	z->reader = (struct reader){zeros_read, zeros_free};
	z->freed = *freed;
	*ret = &z->reader;
	return 0;
}

/* The server accepts or refuses after the header fields; the body is still read until the response
 * is freed. */
static void an_answer_may_come_before_the_body(ATTR_UNUSED void **state)
{
	static const struct {
		const char *answer;
		int status;
	} cases[] = {
		{ANSWER("201 Created", "Content-Length: 0\r\n", ""), 201},
		{ANSWER("413 No", "Content-Length: 0\r\n", ""), 413},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(server)
		struct server *s = server_start((const char *const[]){cases[i].answer, NULL});
		CLEANUP(net) struct net *n = fixture_net();
		unsigned freed = 0, *count = &freed;
		const struct http_source body = {.open = open_zeros, .ctx = &count, .size = LARGE};
		const struct http_request q = {.method = "PUT", .url = s->base, .body = &body};
		struct http_response *response = NULL;
		struct werr *err = NULL;

		assert_ok(http_send(n, &q, &response, &err), err);
		assert_int_equal(http_status(response), cases[i].status);
		assert_int_equal(freed, 0);
		http_response_free(response);
		assert_int_equal(freed, 1);
	}
}

static void an_empty_body_is_not_a_form(ATTR_UNUSED void **state)
{
	CLEANUP(server)
	struct server *s = server_start(
		(const char *const[]){ANSWER("202 Accepted", "Content-Length: 0\r\n", ""), NULL});
	CLEANUP(net) struct net *n = fixture_net();
	CLEANUP(http_response) struct http_response *response = NULL;
	const struct http_request q = {.method = "POST", .url = s->base};
	struct werr *err = NULL;

	assert_ok(http_send(n, &q, &response, &err), err);
	server_stop(s);
	assert_non_null(strstr(s->requests.items[0], "Content-Length: 0\r\n"));
	assert_non_null(strstr(s->requests.items[0], "Accept-Encoding: identity\r\n"));
	assert_null(strstr(s->requests.items[0], "Content-Type:"));
}

static void what_is_too_slow_for_long_ends(ATTR_UNUSED void **state)
{
	CLEANUP(net) struct net *n = fixture_net();
	struct transfer slow = {.net = n, .slow_seconds = 1}, fast = slow, full = slow, sent = slow;

	full.paused = true;
	sent.patient = true;
	sent.body_size = 10;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(transfer_meter(&full, 0, 0, 0, 0), 0);
		assert_int_equal(transfer_meter(&sent, 0, 0, 0, 10), 0);
		assert_int_equal(transfer_meter(&fast, 0, i * 3000, 0, i * 3000), 0);
		assert_int_equal(transfer_meter(&slow, 0, i * 1000, 0, i * 1000), i);
		if (i == 0)
			usleep(1100 * 1000);
	}
	assert_true(slow.too_slow);
	assert_false(fast.too_slow);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_slow_reader_gets_all),
		cmocka_unit_test(a_body_is_sent),
		cmocka_unit_test(an_answer_may_come_before_the_body),
		cmocka_unit_test(an_empty_body_is_not_a_form),
		cmocka_unit_test(what_is_too_slow_for_long_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
