/* SPDX-License-Identifier: Apache-2.0 */
/* The supervisor's sockets, with the other end of a pair as the client. */
#include "check.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "common/passfd.h"
#include "control/connection.h"
#include "log/memlog.h"

struct place {
	struct env env;
	struct containers containers;
	struct connection *c;
	int client;
	char got[64 * 1024];
};

static int make_place(void **state)
{
	struct place *p = mem_new(struct place);

	p->env.loop = loop_new();
	p->env.channel = -1;
	p->containers.env = &p->env;
	p->client = -1;
	*state = p;
	return 0;
}

static int remove_place(void **state)
{
	struct place *p = *state;

	if (p->c)
		connection_free(p->c);
	while (p->env.n_streams)
		stream_free(p->env.streams[0]);
	free(p->env.streams);
	fd_cleanup(&p->client);
	close(p->env.loop);
	free(p);
	return 0;
}

static void connect_client(struct place *p, enum connection_protocol protocol)
{
	int ends[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	p->client = ends[1];
	p->c = connection_new(&p->containers, ends[0], protocol);
}

/* Send that, and return what came back. */
static const char *ask(struct place *p, const void *text, size_t size)
{
	ssize_t n;

	assert_int_equal(send(p->client, text, size, 0), size);
	for (int i = 0; i < 8; i++) {
		loop_wait(p->env.loop, 0);
		connection_serve(p->c);
	}
	n = recv(p->client, p->got, sizeof(p->got) - 1, MSG_DONTWAIT);
	p->got[n > 0 ? n : 0] = 0;
	return p->got;
}

static void test_a_list(void **state)
{
	struct place *p = *state;

	connect_client(p, CONNECTION_REQUESTS);
	assert_string_equal(ask(p, "{\"do\":", 6), "");
	assert_non_null(strstr(ask(p, "\"list\"}\n", 8), "\"containers\":[]}\n"));
	assert_int_equal(p->c->step, CONNECTION_OVER);
}

static void test_mistakes_are_answered(void **state)
{
	static const char *const lines[] = {
		"nonsense\n", "{\"do\":\"stop\",\"name\":\"x\"}\n", "{\"do\":\"dance\"}\n"};

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		struct place *p = *state;

		connect_client(p, CONNECTION_REQUESTS);
		assert_non_null(strstr(ask(p, lines[i], strlen(lines[i])), "{\"error\":\""));
		assert_int_equal(p->c->step, CONNECTION_OVER);
		remove_place(state);
		make_place(state);
	}
}

static void test_a_request_without_end_is_refused(void **state)
{
	struct place *p = *state;
	CLEANUP(free) char *much = mem_alloc(REQUEST_MAX + 1);

	memset(much, ' ', REQUEST_MAX + 1);
	connect_client(p, CONNECTION_REQUESTS);
	assert_non_null(strstr(ask(p, much, REQUEST_MAX + 1), "at most 16 KiB"));
}

static void add(struct place *p, const char *name, uint64_t ms, const char *text)
{
	struct stream *s = stream_new(&p->env, name, NULL, RING_SIZE_MIN);

	assert_int_equal(ring_new(&s->ring, RING_SIZE_MIN, NULL), 0);
	ring_add(&s->ring, ms, text, strlen(text), false);
}

static void test_logread_dumps(void **state)
{
	struct place *p = *state;
	const char *answer, *first, *second;

	add(p, "b", 2, "second");
	add(p, "a", 1, "first");
	connect_client(p, CONNECTION_MEMLOG);
	answer = ask(p, "\0", 1);
	first = strstr(answer, "\"source\":\"a\",\"msg\":\"first\"}\n");
	second = strstr(answer, "\"source\":\"b\",\"msg\":\"second\"}\n");
	assert_true(first && second && first < second);
	assert_int_equal(p->c->step, CONNECTION_OVER);
}

static void test_logread_follows(void **state)
{
	struct place *p = *state;

	add(p, "a", 1, "old");
	connect_client(p, CONNECTION_MEMLOG);
	assert_string_equal(ask(p, "\1", 1), "");
	ring_add(&p->env.streams[0]->ring, 2, "new", 3, false);
	connection_serve(p->c);
	assert_true(recv(p->client, p->got, sizeof(p->got), MSG_DONTWAIT) > 0);
	assert_non_null(strstr(p->got, "\"msg\":\"new\"}\n"));
	assert_int_equal(p->c->step, CONNECTION_FOLLOWS);
}

static void test_logwrite_hands_over_what_to_read(void **state)
{
	struct place *p = *state;
	struct memlog m;
	struct ring_line line;
	uint64_t cursor = 0;
	int ends[2], pipe_ends[2];

	memlog_init(&m, &p->env);
	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends), 0);
	assert_int_equal(pipe(pipe_ends), 0);
	assert_true(passfd_send(ends[1], "my/prog", 7, pipe_ends, 1) > 0);
	m.source.fd = ends[0];
	m.source.ready(&m.source, 0);
	assert_int_equal(write(pipe_ends[1], "hello\n", 6), 6);
	loop_wait(p->env.loop, 1000);
	assert_string_equal(p->env.streams[0]->name, "my_prog");
	assert_true(ring_next(&p->env.streams[0]->ring, &cursor, &line));
	assert_string_equal(line.text, "hello");
	memlog_close(&m);
	close(ends[1]);
	close(pipe_ends[0]);
	close(pipe_ends[1]);
}

#define TEST(f_) cmocka_unit_test_setup_teardown(f_, make_place, remove_place)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_list),
		TEST(test_mistakes_are_answered),
		TEST(test_a_request_without_end_is_refused),
		TEST(test_logread_dumps),
		TEST(test_logread_follows),
		TEST(test_logwrite_hands_over_what_to_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
