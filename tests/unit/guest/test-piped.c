/* SPDX-License-Identifier: Apache-2.0 */
/* Programs for somebody outside, in a runtime that runs them here. */
#include "port-place.h"

#include <sys/wait.h>

/* A service that runs, in a runtime that runs commands here. */
static void make_service(struct place *p)
{
	static const char script[] = "#!/bin/sh\nwhile [ \"$1\" != web ]; do shift; done; shift\n"
				     "trap 'kill $!; exit 77' HUP\nexec \"$@\"\n";
	struct container *c = mem_new(struct container);
	struct container_group *g = &p->containers.groups[CONTAINER_SERVICE];

	p->runtime = str_printf("%s/runtime", p->dir);
	assert_int_equal(file_write_atomic(p->runtime, 0755, script, strlen(script), NULL), 0);
	p->env.runtime = p->runtime;
	*c = (struct container){.env = &p->env,
		.kind = CONTAINER_SERVICE,
		.id = str_dup("web"),
		.name = str_dup("web"),
		.record.state = LIFE_READY};
	mem_grow(&g->items, g->n, &g->cap, sizeof(*g->items));
	g->items[g->n++] = c;
}

struct said {
	struct buf out, err;
	uint64_t taken;
	char *answer;
	struct outside_reader reader;
};

static void hear(void *ctx, char *line, size_t size)
{
	struct said *s = ctx;
	CLEANUP(outside_frame) struct outside_frame f = OUTSIDE_FRAME_INIT;

	if (!outside_frame_parse(line, size, &f))
		str_replace(&s->answer, line);
	else if (f.kind == OUTSIDE_TAKEN)
		s->taken += f.taken;
	else
		buf_add(f.kind == OUTSIDE_OUT ? &s->out : &s->err, buf_str(&f.bytes), f.bytes.len);
}

/* One turn of everything; what came goes to *s. */
static void listen_once(struct place *p, struct said *s)
{
	ssize_t n;
	pid_t pid;
	int status;

	loop_wait(p->env.loop, 20);
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		p->reaped = status;
		p->n_reaped++;
		control_child_ended(p->control, pid, status);
	}
	control_serve(p->control);
	while ((n = recv(p->owner, p->got, sizeof(p->got), MSG_DONTWAIT)) > 0)
		outside_reader_add(&s->reader, p->got, (size_t)n, hear, s);
}

static void send_text(struct place *p, const char *text)
{
	assert_int_equal(send(p->owner, text, strlen(text), MSG_DONTWAIT), strlen(text));
}

static struct said *begin(struct place *p, const char *shell, bool terminal)
{
	struct said *s = mem_new(struct said);
	CLEANUP(free) char *line = NULL;

	*s = (struct said){
		.out = BUF_INIT(4 << 20), .err = BUF_INIT(1 << 20), .reader = OUTSIDE_READER_INIT};
	outside_reader_expect(&s->reader);
	line = str_printf("\n{\"do\":\"exec\",\"name\":\"web\",\"id\":\"%s\",\"terminal\":%s,"
			  "\"argv\":[\"sh\",\"-c\",\"%s\"]}\n",
		s->reader.id, terminal ? "true" : "false", shell);
	send_text(p, line);
	return s;
}

static void listen_to_the_end(struct place *p, struct said *s)
{
	for (int i = 0; i < 3000 && !s->reader.ended; i++)
		listen_once(p, s);
	assert_true(s->reader.ended);
}

static void said_free(struct said *s)
{
	buf_clear(&s->out);
	buf_clear(&s->err);
	outside_reader_cleanup(&s->reader);
	free(s->answer);
	free(s);
}
DEFINE_CLEANUP(struct said *, said_free, said)

static void add_input(struct place *p, const void *bytes, size_t size)
{
	CLEANUP(buf) struct buf frame = BUF_INIT(1 << 16);

	outside_frame_add_bytes(&frame, OUTSIDE_IN, bytes, size);
	send_text(p, buf_str(&frame));
}

static void test_a_program_has_input_and_two_outputs(void **state)
{
	struct place *p = *state;

	make_service(p);
	CLEANUP(said) struct said *s = begin(p, "cat; echo bad >&2; exit 7", false);
	add_input(p, "a\0\033b", 4);
	add_input(p, "", 0);
	listen_to_the_end(p, s);
	assert_int_equal(s->out.len, 4);
	assert_memory_equal(s->out.data, "a\0\033b", 4);
	assert_string_equal(buf_str(&s->err), "bad\n");
	assert_string_equal(s->answer, "{\"exit\":7}");
	assert_int_equal(s->taken, 4);
	assert_non_null(strstr(ask(p, "{\"do\":\"list\"}\n"), "\"name\":\"web\""));
}

/* The owner sends no more than the program takes, however slowly it does. */
static void test_much_goes_through(void **state)
{
	enum { ALL = 1 << 20 };
	struct place *p = *state;
	char bytes[OUTSIDE_DATA_MAX];
	uint64_t sent = 0;

	make_service(p);
	CLEANUP(said) struct said *s = begin(p, "sleep 0.2; cat", false);
	memset(bytes, 'x', sizeof(bytes));
	while (!s->reader.ended) {
		while (sent < ALL && sent + sizeof(bytes) - s->taken <= OUTSIDE_WINDOW) {
			add_input(p, bytes, sizeof(bytes));
			sent += sizeof(bytes);
			if (sent == ALL)
				add_input(p, "", 0);
		}
		listen_once(p, s);
	}
	assert_int_equal(s->out.len, ALL);
	assert_int_equal(s->taken, ALL);
	assert_string_equal(s->answer, "{\"exit\":0}");
}

static void test_more_input_than_there_is_room_for(void **state)
{
	struct place *p = *state;
	char bytes[OUTSIDE_DATA_MAX] = {0};

	make_service(p);
	CLEANUP(said) struct said *s = begin(p, "sleep 100", false);
	/* A pipe has room, too. */
	for (size_t i = 0; i < 3 * OUTSIDE_WINDOW / sizeof(bytes) && !s->reader.ended; i++) {
		add_input(p, bytes, sizeof(bytes));
		listen_once(p, s);
	}
	listen_to_the_end(p, s);
	assert_string_equal(s->answer, "{\"error\":\"more input came than there was room for\"}");
}

/* Input that the program does not want counts as taken. */
static void test_a_program_that_does_not_read(void **state)
{
	struct place *p = *state;

	make_service(p);
	CLEANUP(said) struct said *s = begin(p, "exec <&-; echo closed; sleep 0.3", false);
	while (!s->out.len)
		listen_once(p, s);
	add_input(p, "xyz", 3);
	listen_to_the_end(p, s);
	assert_int_equal(s->taken, 3);
	assert_string_equal(s->answer, "{\"exit\":0}");
}

static void test_a_terminal_and_its_size(void **state)
{
	struct place *p = *state;

	make_service(p);
	CLEANUP(said)
	struct said *s = begin(p,
		"trap 'stty size; exit 3' WINCH; stty size; tty >/dev/null && echo ready;"
		"while :; do sleep 0.1; done",
		true);
	send_text(p, "{\"size\":\"10x20\"}\n");
	for (int i = 0; i < 3000 && !strstr(buf_str(&s->out), "ready"); i++)
		listen_once(p, s);
	assert_non_null(strstr(buf_str(&s->out), "10 20\r\n"));
	send_text(p, "{\"size\":\"30x40\"}\n");
	listen_to_the_end(p, s);
	assert_non_null(strstr(buf_str(&s->out), "30 40\r\n"));
	assert_string_equal(s->answer, "{\"exit\":3}");
}

static void test_a_client_that_leaves_ends_its_program(void **state)
{
	struct place *p = *state;
	CLEANUP(said) struct said *other = NULL;

	make_service(p);
	CLEANUP(said)
	struct said *s = begin(p, "trap 'exit 5' HUP; echo up; while :; do sleep 0.1; done", false);
	while (!s->out.len)
		listen_once(p, s);
	/* It left in the middle of a frame. */
	send_text(p, "{\"in\":\"eHh4");
	other = begin(p, "echo second", false);
	listen_to_the_end(p, other);
	assert_string_equal(buf_str(&other->out), "second\n");
	assert_string_equal(other->answer, "{\"exit\":0}");
	assert_null(s->answer);
	for (int i = 0; i < 3000 && p->n_reaped < 2; i++)
		listen_once(p, other);
	assert_int_equal(p->n_reaped, 2);
}

/* What goes on in the background keeps the output open, but not the answer. */
static void test_a_program_that_leaves_others_behind(void **state)
{
	struct place *p = *state;

	make_service(p);
	CLEANUP(said) struct said *s = begin(p, "echo a; sleep 2 & exit 4", false);
	listen_to_the_end(p, s);
	assert_string_equal(buf_str(&s->out), "a\n");
	assert_string_equal(s->answer, "{\"exit\":4}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_OF_PORT(test_a_program_has_input_and_two_outputs),
		TEST_OF_PORT(test_much_goes_through),
		TEST_OF_PORT(test_more_input_than_there_is_room_for),
		TEST_OF_PORT(test_a_program_that_does_not_read),
		TEST_OF_PORT(test_a_terminal_and_its_size),
		TEST_OF_PORT(test_a_client_that_leaves_ends_its_program),
		TEST_OF_PORT(test_a_program_that_leaves_others_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
