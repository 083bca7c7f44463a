/* SPDX-License-Identifier: Apache-2.0 */
/* The HTTP client of metadata: answers as bytes, and a server of the test's own. */
#include "check.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "metadata/web.h"

enum { LOCALHOST = 0x7f000001 };

static int parse(
	const char *text, size_t size, bool ended, struct web_answer *ret, struct werr **err)
{
	CLEANUP(web_parser) struct web_parser p = WEB_PARSER();

	return web_parse(&p, text, size, ended, ret, err);
}

/* As it would be with a server that sends one byte at a time. */
static int drip(const char *text, size_t size, struct web_answer *ret, struct werr **err)
{
	CLEANUP(web_parser) struct web_parser p = WEB_PARSER();
	int r = 0;

	for (size_t n = 0; r == 0 && n <= size; n++)
		r = web_parse(&p, text, n, false, ret, err);
	return r == 0 ? web_parse(&p, text, size, true, ret, err) : r;
}

static void check(const char *text, bool ended, unsigned status, const char *body)
{
	CLEANUP(web_answer) struct web_answer a = {0};
	struct werr *err = NULL;

	assert_int_equal(parse(text, strlen(text), ended, &a, &err), 1);
	assert_int_equal(a.status, status);
	assert_string_equal(a.body, body);
	assert_int_equal(a.size, strlen(body));
	web_answer_cleanup(&a);
	assert_int_equal(drip(text, strlen(text), &a, &err), 1);
	assert_int_equal(a.status, status);
	assert_string_equal(a.body, body);
}

static void check_more(const char *text)
{
	CLEANUP(web_answer) struct web_answer a = {0};
	struct werr *err = NULL;

	assert_int_equal(parse(text, strlen(text), false, &a, &err), 0);
	assert_fails(parse(text, strlen(text), true, &a, &err), err, WERR_CORRUPT, "not HTTP");
}

static void check_bad(const char *text, enum werr_kind kind, const char *part)
{
	CLEANUP(web_answer) struct web_answer a = {0};
	struct werr *err = NULL;

	assert_fails(parse(text, strlen(text), false, &a, &err), err, kind, part);
	assert_fails(drip(text, strlen(text), &a, &err), err, kind, part);
}

static void test_bodies(ATTR_UNUSED void **state)
{
	check("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", false, 200, "hello");
	check("HTTP/1.1 200 OK\r\ncontent-length:5\r\n\r\nhello and more", false, 200, "hello");
	check("HTTP/1.0 200\r\n\r\nto the end", true, 200, "to the end");
	check("HTTP/1.1 404 Not Found\nContent-Length: 0\n\n", false, 404, "");
	check("HTTP/1.1 204 No Content\r\n\r\n", false, 204, "");
	check("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n7;x=y\r\n, "
	      "world\r\n0\r\nX: y\r\n\r\n",
		false, 200, "hello, world");
	check("HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\nA\r\n0123456789\r\n0\r\n\r\n",
		false, 200, "0123456789");
}

static void test_parts_want_more(ATTR_UNUSED void **state)
{
	check_more("");
	check_more("HTTP/1.1 200 OK\r\n");
	check_more("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell");
	check_more("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
	check_more("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel");
	check_more("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello");
	check_more("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r");
	check_more("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n");
}

static void test_what_is_no_answer(ATTR_UNUSED void **state)
{
	CLEANUP(free) char *head = mem_alloc(WEB_HEAD_MAX + 100), *text = NULL;

	check_bad("SSH-2.0-OpenSSH\r\n", WERR_CORRUPT, "no status");
	check_bad("HTTP/1.1 20x OK\r\n", WERR_CORRUPT, "no status");
	check_bad("HTTP/1.1 100 Continue\r\n\r\n", WERR_CORRUPT, "interim");
	check_bad("HTTP/1.1 200 OK\r\nno colon\r\n\r\n", WERR_CORRUPT, "no colon");
	check_bad("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", WERR_CORRUPT, "no number");
	check_bad("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", WERR_CORRUPT,
		"no number");
	check_bad("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", WERR_CORRUPT, "chunked");
	check_bad("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n",
		WERR_CORRUPT, "twice");
	check_bad(
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nz\r\n", WERR_CORRUPT, "size");
	check_bad("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n", WERR_CORRUPT,
		"longer than it says");
	check_bad("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffff\r\n", WERR_LIMIT,
		"longer than 1048576");
	check_bad("HTTP/1.1 200 OK\r\nContent-Length: 1048577\r\n\r\n", WERR_LIMIT, "longer than");
	memset(head, 'x', WEB_HEAD_MAX + 50);
	text = str_printf("HTTP/1.1 200 OK\r\nX: %s", head);
	check_bad(text, WERR_CORRUPT, "does not end");
}

/* The same at any limit, however the bytes come. */
static void test_limits_do_not_depend_on_the_parts(ATTR_UNUSED void **state)
{
	static const char chunked[] = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

	for (int more = -3; more <= 3; more++) {
		CLEANUP(free) char *x = mem_alloc(WEB_HEAD_MAX + 1), *head = NULL, *line = NULL;
		CLEANUP(free) char *trailer = NULL;
		CLEANUP(web_answer) struct web_answer a = {0}, b = {0}, c = {0}, d = {0};
		CLEANUP(web_answer) struct web_answer e = {0}, f = {0};

		memset(x, 'x', WEB_HEAD_MAX);
		head = str_printf(
			"HTTP/1.1 200 OK\r\nX: %.*s\r\n\r\n", WEB_HEAD_MAX - 24 + more, x);
		line = str_printf("%s0;%.*s\r\n\r\n", chunked, 253 + more, x);
		assert_int_equal(parse(head, strlen(head), true, &a, NULL),
			drip(head, strlen(head), &b, NULL));
		assert_int_equal(parse(line, strlen(line), true, &c, NULL),
			drip(line, strlen(line), &d, NULL));
		trailer = str_printf("%s0\r\n%.*s\r\n\r\n", chunked, WEB_HEAD_MAX - 3 + more, x);
		assert_int_equal(parse(trailer, strlen(trailer), true, &e, NULL),
			drip(trailer, strlen(trailer), &f, NULL));
	}
}

/* Chunks of one byte, and each byte of them comes alone. */
static void test_a_server_that_drips(ATTR_UNUSED void **state)
{
	enum { CHUNKS = 200000 };
	CLEANUP(web_answer) struct web_answer a = {0};
	CLEANUP(web_parser) struct web_parser p = WEB_PARSER();
	CLEANUP(buf) struct buf text = BUF_INIT(8 * CHUNKS);
	size_t n = 0;

	buf_puts(&text, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
	for (int i = 0; i < CHUNKS; i++)
		buf_puts(&text, "1\r\nx\r\n");
	buf_puts(&text, "0\r\n\r\n");
	assert_int_equal(buf_error(&text), 0);
	while (n < text.len) {
		size_t before = p.at;

		assert_int_equal(web_parse(&p, text.data, n++, false, &a, NULL), 0);
		/* No more than what has come since is looked at. */
		assert_true(p.at >= before && p.at + 40 > n);
	}
	assert_int_equal(web_parse(&p, text.data, n, false, &a, NULL), 1);
	assert_int_equal(a.size, CHUNKS);
}

static void test_lines_of_the_head(ATTR_UNUSED void **state)
{
	static const char text[] = "HTTP/1.1 200 OK\r\nMetadata-Flavor:  Google \r\n\r\n";
	CLEANUP(web_answer) struct web_answer a = {0};

	assert_int_equal(parse(text, sizeof(text) - 1, true, &a, NULL), 1);
	assert_true(web_has_line(&a, "metadata-flavor", "Google"));
	assert_false(web_has_line(&a, "Metadata-Flavor", "Goog"));
	assert_false(web_has_line(&a, "Metadata", "Google"));
}

/* What the server does with its one connection, whose client comes from this port. */
typedef void serve(int fd, uint16_t port);

struct server {
	pid_t pid;
	uint16_t port;
};

static struct server start(serve *do_it)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(LOCALHOST)}, from;
	socklen_t size = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), client;
	struct server s;

	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &size), 0);
	s.port = ntohs(at.sin_port);
	s.pid = fork();
	if (s.pid == 0) {
		signal(SIGPIPE, SIG_IGN);
		client = accept(fd, (struct sockaddr *)&from, &size);
		do_it(client, ntohs(from.sin_port));
		_exit(0);
	}
	close(fd);
	return s;
}

static int ask(serve *do_it, struct web_request q, unsigned limit, struct web_answer *ret,
	struct werr **err)
{
	struct server s = start(do_it);
	int r;

	q.host = "test";
	q.address = LOCALHOST;
	q.port = s.port;
	q.path = "/a?b";
	r = web_ask(&q, limit, ret, err);
	kill(s.pid, SIGKILL);
	waitpid(s.pid, NULL, 0);
	return r;
}

static void tell(int fd, const char *text)
{
	if (write(fd, text, strlen(text)) < 0)
		_exit(1);
}

static void echo(int fd, ATTR_UNUSED uint16_t port)
{
	char text[2048] = {0};
	size_t n = 0;
	ssize_t got = 1;

	while (got > 0 && !strstr(text, "\r\n\r\n!")) {
		got = read(fd, text + n, sizeof(text) - 1 - n);
		n += got > 0 ? (size_t)got : 0;
	}
	tell(fd, "HTTP/1.1 200 OK\r\n\r\n");
	tell(fd, text);
}

static void test_the_request(ATTR_UNUSED void **state)
{
	CLEANUP(web_answer) struct web_answer a = {0};
	struct werr *err = NULL;

	assert_ok(
		ask(echo,
			(struct web_request){.method = "POST", .lines = "X-A: b\r\n", .body = "!"},
			5000, &a, &err),
		err);
	assert_string_equal(a.body, "POST /a?b HTTP/1.1\r\nHost: test\r\nUser-Agent: wherry\r\n"
				    "Accept: */*\r\nContent-Length: 1\r\nX-A: b\r\n"
				    "Connection: close\r\n\r\n!");
}

static void tell_port(int fd, uint16_t port)
{
	CLEANUP(free) char *text = str_printf("HTTP/1.1 200 OK\r\n\r\n%u", port);
	char request[2048];

	/* Closed with bytes that nobody has read, a connection is reset. */
	if (read(fd, request, sizeof(request)) > 0)
		tell(fd, text);
}

static void test_a_privileged_port(ATTR_UNUSED void **state)
{
	CLEANUP(web_answer) struct web_answer a = {0};
	struct werr *err = NULL;
	uint64_t port;
	int r = ask(tell_port, (struct web_request){.privileged = true}, 5000, &a, &err);

	if (r == -EACCES) {
		assert_int_not_equal(geteuid(), 0);
		werr_free(err);
		skip();
	}
	assert_ok(r, err);
	assert_int_equal(str_to_u64(a.body, 10, &port), 0);
	assert_in_range(port, 512, 1023);
}

static void dribble(int fd, ATTR_UNUSED uint16_t port)
{
	tell(fd, "HTTP/1.1 200 OK\r\nX: ");
	for (;;) {
		tell(fd, "x");
		usleep(10000);
	}
}

static void flood(int fd, ATTR_UNUSED uint16_t port)
{
	char zeros[4096] = {0};

	tell(fd, "HTTP/1.1 200 OK\r\n\r\n");
	while (write(fd, zeros, sizeof(zeros)) > 0)
		;
}

/* Lines after the last chunk, without an end. */
static void trail(int fd, ATTR_UNUSED uint16_t port)
{
	char lines[4096];

	for (size_t i = 0; i < sizeof(lines); i += 2)
		memcpy(lines + i, "a\n", 2);
	tell(fd, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n");
	while (write(fd, lines, sizeof(lines)) > 0)
		;
}

static void close_at_once(int fd, ATTR_UNUSED uint16_t port)
{
	close(fd);
}

/* Whatever it does, there is an end. */
static void test_servers_that_misbehave(ATTR_UNUSED void **state)
{
	CLEANUP(web_answer) struct web_answer a = {0};
	const uint64_t start_ms = clock_ms();
	const struct web_request q = {0};
	struct werr *err = NULL;

	assert_fails(ask(dribble, q, 300, &a, &err), err, WERR_TIMEOUT, "no answer");
	assert_fails(
		ask(trail, q, 20000, &a, &err), err, WERR_CORRUPT, "lines after it do not end");
	assert_fails(ask(flood, q, 20000, &a, &err), err, WERR_LIMIT, "longer than");
	assert_true(ask(close_at_once, q, 20000, &a, &err) < 0);
	werr_free(STEAL(err));
	assert_in_range(clock_ms() - start_ms, 250, 20000);
}

static void test_nobody_is_there(ATTR_UNUSED void **state)
{
	const struct web_request q = {.host = "x", .address = LOCALHOST, .port = 1, .path = "/"};
	CLEANUP(web_answer) struct web_answer a = {0};
	struct werr *err = NULL;

	assert_int_equal(web_ask(&q, 5000, &a, &err), -ECONNREFUSED);
	werr_free(STEAL(err));
	assert_fails(web_find("no-such-host.invalid", 0, &(uint32_t){0}, &err), err, WERR_TIMEOUT,
		"look up");
}

static void test_names(ATTR_UNUSED void **state)
{
	struct werr *err = NULL;
	uint32_t address = 0;

	assert_ok(web_find("127.0.0.1", 5000, &address, &err), err);
	assert_int_equal(address, LOCALHOST);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bodies),
		cmocka_unit_test(test_parts_want_more),
		cmocka_unit_test(test_what_is_no_answer),
		cmocka_unit_test(test_limits_do_not_depend_on_the_parts),
		cmocka_unit_test(test_a_server_that_drips),
		cmocka_unit_test(test_lines_of_the_head),
		cmocka_unit_test(test_the_request),
		cmocka_unit_test(test_a_privileged_port),
		cmocka_unit_test(test_servers_that_misbehave),
		cmocka_unit_test(test_nobody_is_there),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
