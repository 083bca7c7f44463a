/* SPDX-License-Identifier: Apache-2.0 */
/* What vsudd and host-timesync-daemon make of their arguments, and the relay between two sockets.
 */
#include "check.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/mem.h"
#include "common/loop.h"
#include "tools/relay.h"
#include "tools/timesync.h"
#include "tools/vsudd.h"

enum { MUCH = 1 << 20 };

static int parse(const char *line, struct strv *argv, struct strv *texts, struct vsudd *ret,
	struct werr **err)
{
	strv_split(argv, line, ' ');
	return vsudd_parse((int)argv->n, argv->items, texts, ret, err);
}

static void test_the_arguments_of_linuxkit(ATTR_UNUSED void **state)
{
	CLEANUP(strv) struct strv argv = {0}, texts = {0};
	struct vsudd v = {0};
	struct werr *err = NULL;

	assert_ok(parse("/vsudd -inport 2374:unix:/run/containerd/containerd.sock "
			"--inport=0xf3a4:unix:/run/a:b",
			  &argv, &texts, &v, &err),
		err);
	assert_int_equal(v.n, 2);
	assert_false(v.local);
	assert_int_equal(v.forwards[0].port, 2374);
	assert_string_equal(((const struct sockaddr_un *)&v.forwards[0].address)->sun_path,
		"/run/containerd/containerd.sock");
	assert_int_equal(v.forwards[1].port, 0xf3a4);
	assert_string_equal(
		((const struct sockaddr_un *)&v.forwards[1].address)->sun_path, "/run/a:b");
}

static void test_tcp(ATTR_UNUSED void **state)
{
	CLEANUP(strv) struct strv argv = {0}, texts = {0};
	struct vsudd v = {0};
	struct werr *err = NULL;
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)&v.forwards[0].address;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)&v.forwards[1].address;

	assert_ok(parse("vsudd -local -inport 1:tcp:127.0.0.1:80 -inport 2:tcp:[::1]:443", &argv,
			  &texts, &v, &err),
		err);
	assert_true(v.local);
	assert_int_equal(v4->sin_family, AF_INET);
	assert_int_equal(ntohl(v4->sin_addr.s_addr), INADDR_LOOPBACK);
	assert_int_equal(ntohs(v4->sin_port), 80);
	assert_int_equal(v6->sin6_family, AF_INET6);
	assert_memory_equal(&v6->sin6_addr, &in6addr_loopback, sizeof(v6->sin6_addr));
	assert_int_equal(ntohs(v6->sin6_port), 443);
}

static void test_mistakes(ATTR_UNUSED void **state)
{
	static const struct {
		const char *line, *message;
	} cases[] = {
		{"vsudd", "1 to 16 ports are forwarded, not 0"},
		{"vsudd -inport 1:unix:/a b", "'b' is one word too many"},
		{"vsudd -inport 1", "'1' leads nowhere"},
		{"vsudd -inport 1:unix:a", "leads nowhere"},
		{"vsudd -inport 1:unixgram:/a", "leads nowhere"},
		{"vsudd -inport 1:tcp:127.0.0.1", "leads nowhere"},
		{"vsudd -inport 1:tcp:127.0.0.1:65536", "leads nowhere"},
		{"vsudd -inport 1:tcp:localhost:80", "leads nowhere"},
		{"vsudd -inport 1:tcp:[::1:80", "leads nowhere"},
		{"vsudd -inport 1:tcp:[:80", "leads nowhere"},
		{"vsudd -inport 1:tcp:]:80", "leads nowhere"},
		{"vsudd -inport 1:tcp::80", "leads nowhere"},
		{"vsudd -inport 0:unix:/a", "'0' is not a port of vsock"},
		{"vsudd -inport 4294967295:unix:/a", "is not a port of vsock"},
		{"vsudd -inport 00000948-facb-11e6-bd58-64006a7986d3:unix:/a", "is not a port"},
		{"vsudd -syslog x", "unknown option -syslog"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(strv) struct strv argv = {0}, texts = {0};
		struct vsudd v;
		struct werr *err = NULL;

		assert_fails(parse(cases[i].line, &argv, &texts, &v, &err), err, WERR_USAGE,
			cases[i].message);
	}
}

static void test_when_to_set_the_clock(ATTR_UNUSED void **state)
{
	CLEANUP(strv) struct strv good = {0}, none = {0}, words = {0};
	struct timesync t = {0};
	struct werr *err = NULL;

	strv_split(&good, "/usr/bin/host-timesync-daemon -port 0xf3a4", ' ');
	assert_ok(timesync_parse((int)good.n, good.items, &t, &err), err);
	assert_int_equal(t.port, 0xf3a4);
	assert_false(t.local);
	strv_split(&none, "x -local", ' ');
	assert_fails(timesync_parse((int)none.n, none.items, &t, &err), err, WERR_USAGE,
		"there is no -port");
	strv_split(&words, "x -port 1 2", ' ');
	assert_fails(timesync_parse((int)words.n, words.items, &t, &err), err, WERR_USAGE,
		"'2' is one word too many");
}

/* The ends of a relay, and those that its user and its target have. */
struct line {
	int loop, user, target;
	struct relay *relay;
};

static void begin(struct line *l)
{
	int front[2], back[2];
	const int type = SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK;

	assert_int_equal(socketpair(AF_UNIX, type, 0, front), 0);
	assert_int_equal(socketpair(AF_UNIX, type, 0, back), 0);
	*l = (struct line){loop_new(), front[0], back[0], NULL};
	l->relay = relay_new(l->loop, front[1], back[1]);
	assert_non_null(l->relay);
}

static void finish(struct line *l)
{
	relay_free(l->relay);
	close(l->user);
	close(l->target);
	close(l->loop);
}

static void turn(struct line *l)
{
	for (int i = 0; i < 20 && !relay_is_over(l->relay); i++)
		loop_wait(l->loop, 10);
}

static void test_both_directions_and_their_ends(ATTR_UNUSED void **state)
{
	struct line l;
	char got[8] = "";

	begin(&l);
	assert_int_equal(send(l.user, "ask", 3, 0), 3);
	assert_int_equal(shutdown(l.user, SHUT_WR), 0);
	turn(&l);
	assert_int_equal(read(l.target, got, sizeof(got)), 3);
	assert_memory_equal(got, "ask", 3);
	assert_int_equal(read(l.target, got, sizeof(got)), 0);
	assert_false(relay_is_over(l.relay));
	assert_int_equal(send(l.target, "answer", 6, 0), 6);
	assert_int_equal(shutdown(l.target, SHUT_WR), 0);
	turn(&l);
	assert_int_equal(read(l.user, got, sizeof(got)), 6);
	assert_memory_equal(got, "answer", 6);
	assert_true(relay_is_over(l.relay));
	finish(&l);
}

/* The reader is slower than the writer: nothing is lost, and little is kept. */
static void test_much(ATTR_UNUSED void **state)
{
	CLEANUP(free) char *bytes = mem_alloc(MUCH);
	struct line l;
	size_t sent = 0, got = 0;
	char chunk[4096];

	for (size_t i = 0; i < MUCH; i++)
		bytes[i] = (char)(i * 7 / 5);
	begin(&l);
	while (got < MUCH) {
		ssize_t n = sent < MUCH ? send(l.user, bytes + sent, MUCH - sent, 0) : 0;

		sent += n > 0 ? (size_t)n : 0;
		loop_wait(l.loop, 0);
		n = read(l.target, chunk, sizeof(chunk));
		if (n > 0) {
			assert_memory_equal(chunk, bytes + got, (size_t)n);
			got += (size_t)n;
		}
	}
	assert_int_equal(sent, MUCH);
	finish(&l);
}

static void test_an_end_that_is_gone(ATTR_UNUSED void **state)
{
	struct line l;

	begin(&l);
	turn(&l);
	assert_int_equal(close(l.target), 0);
	assert_int_equal(send(l.user, "ask", 3, 0), 3);
	turn(&l);
	assert_true(relay_is_over(l.relay));
	l.target = -1;
	finish(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_arguments_of_linuxkit),
		cmocka_unit_test(test_tcp),
		cmocka_unit_test(test_mistakes),
		cmocka_unit_test(test_when_to_set_the_clock),
		cmocka_unit_test(test_both_directions_and_their_ends),
		cmocka_unit_test(test_much),
		cmocka_unit_test(test_an_end_that_is_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
