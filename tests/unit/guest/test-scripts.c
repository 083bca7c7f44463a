/* SPDX-License-Identifier: Apache-2.0 */
/* The scripts of /etc/init.d, in a directory made for the test. */
#include "check.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "common/console.h"
#include "keep/scripts.h"

struct dir {
	char *path, *note, *log;
};

static int make_dir(void **state)
{
	struct dir *d = mem_new(struct dir);

	console_to_stderr();
	assert_int_equal(file_temp_dir("/tmp", "scripts", &d->path, NULL), 0);
	d->note = str_printf("%s.note", d->path);
	d->log = str_printf("%s.log", d->path);
	*state = d;
	return 0;
}

static int remove_dir(void **state)
{
	struct dir *d = *state;

	assert_int_equal(file_remove_all(d->path, NULL), 0);
	unlink(d->note);
	unlink(d->log);
	free(d->path);
	free(d->note);
	free(d->log);
	free(d);
	return 0;
}

static void add(const struct dir *d, const char *name, const char *body, mode_t mode)
{
	CLEANUP(free) char *path = path_join(d->path, name);
	CLEANUP(free) char *text = str_printf("#!/bin/sh\n%s\n", body);

	assert_int_equal(file_write_atomic(path, mode, text, strlen(text), NULL), 0);
	assert_int_equal(chmod(path, mode), 0);
}

/* It appends its name, and how many arguments it has, to the log. */
static void add_witness(const struct dir *d, const char *name, const char *more)
{
	CLEANUP(free) char *body = str_printf("echo \"${0##*/}\" $# >>%s; %s", d->log, more);

	add(d, name, body, 0755);
}

static void reap(struct scripts *s)
{
	int status;
	pid_t pid = waitpid(s->pid, &status, 0);

	assert_false(scripts_child_ended(s, pid + 1, status));
	assert_true(scripts_child_ended(s, pid, status));
}

static void run_all(const struct dir *d, struct scripts *s, enum initd_when when)
{
	while (scripts_run(s, d->note, when))
		reap(s);
}

static void check_log(const struct dir *d, const char *expected)
{
	CLEANUP(free) char *text = NULL;
	size_t size = 0;

	if (file_read(d->log, 4096, &text, &size, NULL) < 0)
		text = str_dup("");
	assert_string_equal(text, expected);
}

static void test_in_order_and_in_their_time(void **state)
{
	const struct dir *d = *state;
	CLEANUP(free) char *link = path_join(d->path, "040-link");
	CLEANUP(free) char *directory = path_join(d->path, "005-dir");
	struct scripts s;

	add_witness(d, "015-second", "");
	add_witness(d, "002-first", "exit 3");
	add_witness(d, "030-last", "");
	add_witness(d, "020-containerd", "");
	add_witness(d, "010-onboot", "");
	add(d, "003-not-executable", "exit 0", 0644);
	assert_int_equal(symlink("015-second", link), 0);
	assert_int_equal(mkdir(directory, 0755), 0);
	scripts_read(&s, d->path, d->note, 60000);
	run_all(d, &s, INITD_BEFORE_ONBOOT);
	check_log(d, "002-first 0\n");
	run_all(d, &s, INITD_BEFORE_SERVICES);
	check_log(d, "002-first 0\n015-second 0\n");
	run_all(d, &s, INITD_AFTER_SERVICES);
	check_log(d, "002-first 0\n015-second 0\n030-last 0\n040-link 0\n");
	scripts_cleanup(&s);
}

static void test_one_that_takes_too_long(void **state)
{
	const struct dir *d = *state;
	struct scripts s;

	add_witness(d, "001-slow", "sleep 1000");
	add_witness(d, "002-next", "");
	scripts_read(&s, d->path, d->note, 10);
	assert_true(scripts_run(&s, d->note, INITD_BEFORE_ONBOOT));
	scripts_tick(&s, s.deadline - 1);
	assert_true(s.deadline > 0);
	scripts_tick(&s, s.deadline);
	assert_int_equal(s.deadline, 0);
	reap(&s);
	s.limit = 60000;
	run_all(d, &s, INITD_BEFORE_ONBOOT);
	scripts_cleanup(&s);
}

static void test_none_is_run_twice(void **state)
{
	const struct dir *d = *state;
	struct scripts s;

	add_witness(d, "001-one", "");
	add_witness(d, "002-two", "");
	scripts_read(&s, d->path, d->note, 60000);
	assert_true(scripts_run(&s, d->note, INITD_BEFORE_ONBOOT));
	waitpid(s.pid, NULL, 0);
	scripts_cleanup(&s);
	/* Another supervisor. */
	scripts_read(&s, d->path, d->note, 60000);
	run_all(d, &s, INITD_AFTER_SERVICES);
	check_log(d, "001-one 0\n002-two 0\n");
	scripts_cleanup(&s);
}

static void test_stop(void **state)
{
	const struct dir *d = *state;
	struct scripts s;
	int status;
	pid_t pid;

	add(d, "001-slow", "sleep 1000", 0755);
	add_witness(d, "002-never", "");
	scripts_read(&s, d->path, d->note, 60000);
	assert_true(scripts_run(&s, d->note, INITD_BEFORE_ONBOOT));
	pid = s.pid;
	scripts_stop(&s);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_false(scripts_run(&s, d->note, INITD_AFTER_SERVICES));
	check_log(d, "");
	scripts_cleanup(&s);
}

static void test_what_linuxkit_s_images_bring(ATTR_UNUSED void **state)
{
	static const char *const replaced[] = {"rcS", "005-volumes", "010-onboot", "010-containerd",
		"020-containerd", "containerd", "containers", "005-memlogd"};
	static const char *const kept[] = {"001-getty", "000-issue", "onboot-2", "010", "010-",
		"-onboot", "020-containerd.sh"};

	for (size_t i = 0; i < ARRAY_SIZE(replaced); i++)
		assert_non_null(initd_replaced(replaced[i]));
	for (size_t i = 0; i < ARRAY_SIZE(kept); i++)
		assert_null(initd_replaced(kept[i]));
}

#define TEST(name_) cmocka_unit_test_setup_teardown(name_, make_dir, remove_dir)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_in_order_and_in_their_time),
		TEST(test_one_that_takes_too_long),
		TEST(test_none_is_run_twice),
		TEST(test_stop),
		cmocka_unit_test(test_what_linuxkit_s_images_bring),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
