/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"

#include "common/channel.h"
#include "common/console.h"
#include "common/uptime.h"
#include "init/keeper.h"

static bool is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

static void test_kept_descriptors(ATTR_UNUSED void **state)
{
	struct fdstore s = {0};
	CLEANUP(strv) struct strv argv = {0};
	int a = dup(0), b = dup(0), c = dup(0), fds[2];

	fdstore_keep(&s, "log:a", a);
	fdstore_keep(&s, "log:b", b);
	fdstore_keep(&s, "log:a", c);
	assert_false(is_open(a));
	assert_int_equal(s.n, 2);
	fdstore_list(&s, &argv, fds);
	assert_int_equal(argv.n, 2);
	assert_true(str_after(argv.items[0], "log:") != NULL);
	fdstore_drop(&s, "log:b");
	fdstore_drop(&s, "log:b");
	assert_false(is_open(b));
	assert_int_equal(s.items[0].fd, c);
	fdstore_clear(&s);
	assert_false(is_open(c));
}

static void test_delays_between_starts(ATTR_UNUSED void **state)
{
	assert_int_equal(keeper_delay(0), 0);
	assert_int_equal(keeper_delay(1), 500);
	assert_int_equal(keeper_delay(2), 1000);
	assert_int_equal(keeper_delay(1000000), 30000);
}

static void test_a_message_with_a_descriptor(ATTR_UNUSED void **state)
{
	struct channel_message m = {.kind = CHANNEL_KEEP, .name = "out:web"}, got;
	int ends[2], passed = -1, pipe_ends[2];
	char c;

	assert_int_equal(channel_open(ends), 0);
	assert_int_equal(channel_receive(ends[0], &got, &passed), 0);
	assert_int_equal(pipe(pipe_ends), 0);
	assert_int_equal(channel_send(ends[1], &m, pipe_ends[1]), 0);
	assert_int_equal(channel_receive(ends[0], &got, &passed), 1);
	assert_string_equal(got.name, "out:web");
	assert_int_equal(write(passed, "x", 1), 1);
	assert_int_equal(read(pipe_ends[0], &c, 1), 1);
	assert_int_equal(fcntl(passed, F_GETFD), FD_CLOEXEC);
	close(passed);
	close(pipe_ends[0]);
	close(pipe_ends[1]);
	close(ends[0]);
	close(ends[1]);
}

static void test_a_full_channel_says_so(ATTR_UNUSED void **state)
{
	struct channel_message m = {.kind = CHANNEL_ENDED}, got;
	int ends[2], passed, n = 0, r;

	assert_int_equal(channel_open(ends), 0);
	while ((r = channel_send(ends[0], &m, -1)) == 0)
		n++;
	assert_int_equal(r, -11);
	while (channel_receive(ends[1], &got, &passed) == 1)
		n--;
	assert_int_equal(n, 0);
	close(ends[0]);
	close(ends[1]);
}

/* ---- a supervisor that is a script ---- */

struct place {
	struct keeper k;
	char *dir, *program;
};

static void write_program(struct place *p, const char *body)
{
	CLEANUP(free) char *text = str_printf("#!/bin/sh\n%s\n", body);

	assert_int_equal(file_write_atomic(p->program, 0755, text, strlen(text), NULL), 0);
	assert_int_equal(chmod(p->program, 0755), 0);
}

static int make_place(void **state)
{
	struct place *p = mem_new(struct place);

	assert_int_equal(file_temp_dir("/tmp", "wherry-keeper", &p->dir, NULL), 0);
	p->program = path_join(p->dir, "supervisor");
	alarm(60);
	*state = p;
	return 0;
}

static int remove_place(void **state)
{
	struct place *p = *state;

	if (p->k.pid > 0) {
		kill(p->k.pid, SIGKILL);
		waitpid(p->k.pid, NULL, 0);
	}
	close(p->k.channel[0]);
	close(p->k.channel[1]);
	file_remove_all(p->dir, NULL);
	free(p->dir);
	free(p->program);
	free(p);
	alarm(0);
	return 0;
}

static void pause_ms(long ms)
{
	const struct timespec time = {.tv_nsec = ms * 1000000};

	nanosleep(&time, NULL);
}

/* One that never reads, and whose channel holds little. */
static struct keeper *begin_deaf(struct place *p)
{
	int small = 1;

	write_program(p, "exec sleep 1000");
	keeper_begin(&p->k, p->program);
	assert_true(p->k.pid > 0);
	setsockopt(p->k.channel[0], SOL_SOCKET, SO_SNDBUF, &small, sizeof(small));
	return &p->k;
}

/* Orphans end, as those of services do when their supervisor has died. */
static void orphans_end(struct keeper *k, int n)
{
	for (int i = 0; i < n; i++) {
		pid_t pid = fork();
		siginfo_t end;

		assert_true(pid >= 0);
		if (pid == 0)
			_exit(0);
		/* It has ended, and is there to be reaped. */
		assert_int_equal(waitid(P_PID, (id_t)pid, &end, WEXITED | WNOWAIT), 0);
		if (i % 16 == 0)
			keeper_reap(k);
	}
	while (keeper_reap(k))
		continue;
}

static void wait_until_ended(struct keeper *k)
{
	pid_t pid = k->pid;

	while (k->pid == pid) {
		keeper_reap(k);
		pause_ms(5);
	}
}

static size_t hear_all(struct keeper *k, unsigned *ret_lost, unsigned *ret_stops)
{
	struct channel_message m;
	size_t ends = 0;
	int passed;

	*ret_lost = *ret_stops = 0;
	/* What did not fit is sent when there is room. */
	while (channel_receive(k->channel[1], &m, &passed)) {
		ends += m.kind == CHANNEL_ENDED ? m.n : 0;
		*ret_lost += m.kind == CHANNEL_LOST;
		*ret_stops += m.kind == CHANNEL_STOP;
		keeper_listen(k);
	}
	return ends;
}

static void test_a_storm_of_ends_blocks_nothing(void **state)
{
	struct place *p = *state;
	struct keeper *k = begin_deaf(p);
	unsigned lost, stops;
	size_t ends;

	orphans_end(k, KEEPER_ENDS_MAX + 700);
	assert_true(k->channel_full);
	/* Nothing is left to be reaped, and the death of the supervisor is noticed at once. */
	kill(k->pid, SIGKILL);
	wait_until_ended(k);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_true(k->start_at != 0);
	keeper_stop(k);
	ends = hear_all(k, &lost, &stops);
	assert_true(ends >= KEEPER_ENDS_MAX && ends < KEEPER_ENDS_MAX + 700);
	assert_int_equal(lost, 1);
	assert_int_equal(stops, 1);
	assert_false(k->channel_full);
}

static void test_one_that_cannot_be_started_is_tried_again(void **state)
{
	struct place *p = *state;
	struct keeper *k = &p->k;
	uint64_t last = 0;

	keeper_begin(k, p->program);
	for (int i = 0; i < 12; i++) {
		uint64_t pause = k->start_at - k->started;

		assert_int_equal(k->pid, 0);
		assert_false(k->done);
		assert_true(pause >= last && pause <= 31000);
		assert_int_equal(keeper_deadline(k), k->start_at);
		last = pause;
		keeper_tick(k, k->start_at);
	}
	assert_true(last >= 29000);
	write_program(p, "exec sleep 1000");
	keeper_tick(k, k->start_at);
	assert_true(k->pid > 0);
	assert_int_equal(k->start_at, 0);
}

static void test_shutdown_without_one_that_cannot_be_started(void **state)
{
	struct place *p = *state;
	struct keeper *k = &p->k;

	keeper_begin(k, p->program);
	keeper_stop(k);
	keeper_tick(k, uptime_ms());
	assert_true(k->done);
}

static void test_one_that_does_not_answer_is_replaced(void **state)
{
	struct place *p = *state;
	struct keeper *k = begin_deaf(p);
	struct channel_message alive = {.kind = CHANNEL_ALIVE};
	pid_t first = k->pid;

	for (int i = 0; i < 5; i++) {
		keeper_tick(k, keeper_deadline(k));
		assert_int_equal(k->unanswered, 1);
		assert_int_equal(channel_send(k->channel[1], &alive, -1), 0);
		keeper_listen(k);
		assert_int_equal(k->unanswered, 0);
	}
	keeper_reap(k);
	assert_int_equal(k->pid, first);
	for (int i = 0; i < 3; i++)
		keeper_tick(k, keeper_deadline(k));
	wait_until_ended(k);
	keeper_tick(k, keeper_deadline(k));
	assert_true(k->pid > 0 && k->pid != first);
}

static void test_at_shutdown_it_must_answer_soon(void **state)
{
	struct place *p = *state;
	struct keeper *k = begin_deaf(p);
	uint64_t began = uptime_ms();

	keeper_stop(k);
	for (int i = 0; i < 3; i++)
		keeper_tick(k, keeper_deadline(k));
	assert_true(k->start_at >= began && k->start_at <= began + 15000);
	wait_until_ended(k);
	/* The next one, which answers, is told to stop as well. */
	write_program(p, "exit 0");
	keeper_tick(k, keeper_deadline(k));
	wait_until_ended(k);
	assert_true(k->done);
}

static char state_of(pid_t pid)
{
	CLEANUP(free) char *path = str_printf("/proc/%d/stat", (int)pid);
	char text[1024];

	return file_read_small(path, text, sizeof(text)) > 0 ? strrchr(text, ')')[2] : 0;
}

static void test_one_that_was_stopped_is_continued(void **state)
{
	struct place *p = *state;
	struct keeper *k = begin_deaf(p);
	pid_t first = k->pid;

	kill(first, SIGSTOP);
	while (state_of(first) != 'T')
		pause_ms(5);
	while (state_of(first) == 'T') {
		keeper_reap(k);
		pause_ms(5);
	}
	assert_int_equal(k->pid, first);
}

#define TEST(f_) cmocka_unit_test_setup_teardown(f_, make_place, remove_place)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kept_descriptors),
		cmocka_unit_test(test_delays_between_starts),
		cmocka_unit_test(test_a_message_with_a_descriptor),
		cmocka_unit_test(test_a_full_channel_says_so),
		TEST(test_a_storm_of_ends_blocks_nothing),
		TEST(test_one_that_cannot_be_started_is_tried_again),
		TEST(test_shutdown_without_one_that_cannot_be_started),
		TEST(test_one_that_does_not_answer_is_replaced),
		TEST(test_at_shutdown_it_must_answer_soon),
		TEST(test_one_that_was_stopped_is_continued),
	};

	console_to_stderr();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
