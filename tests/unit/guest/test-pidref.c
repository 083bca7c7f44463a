/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "run/pidref.h"

static void test_the_start_is_found_after_any_name(ATTR_UNUSED void **state)
{
	assert_int_equal(
		pidref_parse_start(
			"7 (a) b) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4711 20 21\n"),
		4711);
	assert_int_equal(pidref_parse_start("7 (x) S 1 2"), 0);
	assert_int_equal(pidref_parse_start(""), 0);
	assert_int_equal(
		pidref_parse_start("7 (x) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 x 20"), 0);
}

static void test_whether_a_signal_has_an_effect(ATTR_UNUSED void **state)
{
	static const char first[] =
		"NSpid:\t80\t1\nSigBlk:\t0000000000000000\nSigCgt:\t0000000000004001\n";

	assert_true(pidref_parse_hears("NSpid:\t80\nSigBlk:\t0\nSigCgt:\t0\n", SIGTERM));
	assert_true(pidref_parse_hears(first, SIGTERM));
	assert_true(pidref_parse_hears(first, SIGHUP));
	assert_false(pidref_parse_hears(first, SIGQUIT));
	assert_true(pidref_parse_hears(first, SIGKILL));
}

static void test_a_process_that_waits_for_a_signal(ATTR_UNUSED void **state)
{
	sigset_t set;
	pid_t pid;
	int status;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	assert_int_equal(sigprocmask(SIG_BLOCK, &set, NULL), 0);
	pid = fork();
	if (pid == 0) {
		sigwaitinfo(&set, NULL);
		_exit(7);
	}
	assert_int_equal(sigprocmask(SIG_UNBLOCK, &set, NULL), 0);
	assert_false(pidref_waits(getpid()));
	while (!pidref_waits(pid))
		assert_int_equal(waitpid(pid, &status, WNOHANG), 0);
	assert_int_equal(kill(pid, SIGTERM), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(WEXITSTATUS(status), 7);
}

static void test_a_process_is_found_again(ATTR_UNUSED void **state)
{
	struct pidref p = PIDREF_NONE, again = PIDREF_NONE;
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		pause();
		_exit(0);
	}
	pidref_set(&p, pid);
	assert_true(p.started > 0);
	assert_true(pidref_attach(&again, pid, p.started));
	/* Another process with its number. */
	assert_false(pidref_attach(&again, pid, p.started + 1));
	assert_int_equal(again.pid, pid);
	pidref_signal(&again, SIGKILL); /* reaches no process */
	pidref_signal(&p, SIGTERM);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(WTERMSIG(status), SIGTERM);
	assert_false(pidref_attach(&again, pid, p.started));
	pidref_clear(&p);
	pidref_clear(&again);
	assert_int_equal(p.pid, 0);
}

static void test_one_that_is_gone(ATTR_UNUSED void **state)
{
	struct pidref p = PIDREF_NONE, other;
	pid_t pid = fork();

	assert_false(pidref_is_gone(&p));
	if (pid == 0)
		for (;;)
			pause();
	pidref_set(&p, pid);
	/* Without a descriptor, it is known by its number and its start time. */
	other = (struct pidref){.pid = p.pid, .started = p.started, .fd = -1};
	assert_false(pidref_is_gone(&p));
	assert_false(pidref_is_gone(&other));
	kill(pid, SIGKILL);
	/* A process that has not been reaped will still be reported. */
	assert_int_equal(waitid(P_PID, (id_t)pid, &(siginfo_t){0}, WEXITED | WNOWAIT), 0);
	assert_false(pidref_is_gone(&p));
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_true(pidref_is_gone(&p));
	assert_true(pidref_is_gone(&other));
	pidref_clear(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_that_is_gone),
		cmocka_unit_test(test_the_start_is_found_after_any_name),
		cmocka_unit_test(test_whether_a_signal_has_an_effect),
		cmocka_unit_test(test_a_process_that_waits_for_a_signal),
		cmocka_unit_test(test_a_process_is_found_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
