/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "common/spawn.h"

static void check_status(const char *script, const char *expected)
{
	const char *const argv[] = {"sh", "-c", script, NULL};
	pid_t pid = spawn("/bin/sh", argv, -1);
	char how[64];
	int status;

	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_string_equal(spawn_status(how, sizeof(how), status), expected);
}

static void test_status_in_words(ATTR_UNUSED void **state)
{
	check_status("exit 0", "exit code 0");
	check_status("exit 3", "exit code 3");
	check_status("kill -9 $$", "signal 9 (Killed)");
}

static void test_output_and_input(ATTR_UNUSED void **state)
{
	const char *const argv[] = {"sh", "-c", "cat; echo out; echo err >&2", NULL};
	char text[32] = {0};
	int ends[2], status;
	size_t n = 0;
	ssize_t got;
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	pid = spawn("/bin/sh", argv, ends[1]);
	close(ends[1]);
	while ((got = read(ends[0], text + n, sizeof(text) - 1 - n)) > 0)
		n += (size_t)got;
	close(ends[0]);
	waitpid(pid, &status, 0);
	assert_string_equal(text, "out\nerr\n");
}

static void test_no_such_program(ATTR_UNUSED void **state)
{
	const char *const argv[] = {"x", NULL};

	assert_int_equal(spawn("/nonexistent/x", argv, -1), -ENOENT);
	/* The child that failed does not stay a zombie. */
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static void keep_pid(void *ctx, pid_t pid)
{
	/* The process itself, before it executes the program. */
	if (pid == getpid())
		*(pid_t *)ctx = pid;
}

static void test_it_does_not_begin_before_the_witness_returns(ATTR_UNUSED void **state)
{
	const char *const argv[] = {"true", NULL};
	struct spawn s = SPAWN("/bin/true", argv);
	pid_t seen = 0, pid;
	const struct spawn_witness witness = {keep_pid, &seen};
	int status;

	s.witness = &witness;
	pid = spawn_run(&s);
	assert_true(pid > 0);
	assert_int_equal(seen, pid);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void kill_parent(void *ctx, pid_t pid)
{
	if (write(*(int *)ctx, &pid, sizeof(pid)) != sizeof(pid))
		_exit(1);
	kill(getppid(), SIGKILL);
	/* Not for long. */
	sleep(60);
}

static void go_on(ATTR_UNUSED void *ctx, ATTR_UNUSED pid_t pid)
{
}

/*
 * A process that starts the script and is killed before or afterwards. Returns where its output can
 * be read.
 */
static int start_and_die(const char *script, void (*saw)(void *ctx, pid_t pid))
{
	const char *const argv[] = {"sh", "-c", script, NULL};
	struct spawn s = SPAWN("/bin/sh", argv);
	struct spawn_witness witness = {saw, NULL};
	int ends[2];
	pid_t parent;

	assert_int_equal(pipe(ends), 0);
	parent = fork();
	if (parent == 0) {
		witness.ctx = &ends[1];
		s.out = ends[1];
		s.witness = &witness;
		spawn_run(&s);
		raise(SIGKILL);
	}
	close(ends[1]);
	waitpid(parent, NULL, 0);
	return ends[0];
}

static void test_what_no_witness_saw_never_begins(ATTR_UNUSED void **state)
{
	int end = start_and_die("echo it runs", kill_parent);
	char text[64];

	assert_int_equal(read(end, text, sizeof(text)), sizeof(pid_t));
	/* The child ends without any output. */
	assert_int_equal(read(end, text, sizeof(text)), 0);
	close(end);
}

static void test_what_a_witness_saw_outlives_its_parent(ATTR_UNUSED void **state)
{
	int end = start_and_die("sleep 0.2; echo it runs", go_on);
	char text[64];

	assert_int_equal(read(end, text, sizeof(text)), strlen("it runs\n"));
	close(end);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_status_in_words),
		cmocka_unit_test(test_output_and_input),
		cmocka_unit_test(test_no_such_program),
		cmocka_unit_test(test_it_does_not_begin_before_the_witness_returns),
		cmocka_unit_test(test_what_no_witness_saw_never_begins),
		cmocka_unit_test(test_what_a_witness_saw_outlives_its_parent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
