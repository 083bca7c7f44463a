/* SPDX-License-Identifier: Apache-2.0 */
/* Running, with a script in QEMU's place. */
#include "check.h"

#include <pthread.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cancel.h"
#include "base/file.h"
#include "base/mem.h"
#include "vm/qemu.h"

static const struct qemu_spec machine = {
	.arch = "amd64",
	.accel = QEMU_ACCEL_TCG,
	.kernel = "k",
	.cmdline = "",
	.mem_mib = 1,
	.cpus = 1,
};

/* Run a script of this text; the path of what it may write is in $0.out. */
static int run(const char *script, int *exit_code, char **output, struct werr **err)
{
	CLEANUP(free) char *dir = NULL;
	CLEANUP(free) char *program = NULL;
	CLEANUP(free) char *out = NULL;
	struct qemu_spec spec = machine;
	size_t size;
	int r;

	assert_int_equal(file_temp_dir("/tmp", "run", &dir, NULL), 0);
	program = str_printf("%s/qemu", dir);
	out = str_printf("%s.out", program);
	assert_int_equal(file_write_atomic(program, 0755, script, strlen(script), NULL), 0);
	spec.program = program;
	r = qemu_run(&spec, exit_code, err);
	if (output && file_read(out, 4096, output, &size, NULL) < 0)
		*output = str_dup("");
	file_remove_all(dir, NULL);
	return r;
}

static void test_exit_code(ATTR_UNUSED void **state)
{
	struct werr *err = NULL;
	int code = -1;

	assert_ok(run("#!/bin/sh\nexit 7\n", &code, NULL, &err), err);
	assert_int_equal(code, 7);
	assert_ok(run("#!/bin/sh\nkill -9 $$\n", &code, NULL, &err), err);
	assert_int_equal(code, 128 + 9);
}

static void test_it_sees_the_arguments(ATTR_UNUSED void **state)
{
	CLEANUP(free) char *output = NULL;
	struct werr *err = NULL;
	int code = -1;

	assert_ok(run("#!/bin/sh\necho \"$1\" >$0.out\n", &code, &output, &err), err);
	assert_string_equal(output, "-nodefaults\n");
}

static void test_missing_program(ATTR_UNUSED void **state)
{
	struct qemu_spec spec = machine;
	struct werr *err = NULL;
	int code;

	spec.program = "/nonexistent/qemu";
	assert_fails(qemu_run(&spec, &code, &err), err, WERR_NOT_FOUND, "/nonexistent/qemu");
}

/* As a user who may not look into the first directory of PATH; 0 when the error is right. */
static int run_with_closed_path(const char *dir)
{
	CLEANUP(free) char *path = str_printf("%s/closed:%s", dir, dir);
	CLEANUP(werr) struct werr *err = NULL;
	struct qemu_spec spec = machine;
	int code;

	if (geteuid() == 0 && (setgid(65534) < 0 || setuid(65534) < 0))
		return 2;
	setenv("PATH", path, 1);
	qemu_run(&spec, &code, &err);
	return !err || err->kind != WERR_NOT_FOUND || !err->hint ||
	       !strstr(err->hint, "apt-get install qemu-system-x86");
}

static void test_missing_program_beside_a_closed_directory(ATTR_UNUSED void **state)
{
	CLEANUP(free) char *dir = NULL;
	CLEANUP(free) char *closed = NULL;
	struct werr *err = NULL;
	int status;
	pid_t pid;

	assert_ok(file_temp_dir("/tmp", "path", &dir, &err), err);
	closed = str_printf("%s/closed", dir);
	assert_int_equal(chmod(dir, 0755), 0);
	assert_int_equal(mkdir(closed, 0), 0);
	pid = fork();
	if (pid == 0)
		_exit(run_with_closed_path(dir));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	file_remove_all(dir, NULL);
	assert_int_equal(status, 0);
}

/* When the file that arg names is there. */
static void *cancel_then(void *arg)
{
	for (int i = 0; i < 1200 && !file_exists(arg); i++)
		usleep(50 * 1000);
	cancel_request();
	return NULL;
}

/* The last test: a cancelled process stays cancelled. */
static void test_cancel_ends_it(ATTR_UNUSED void **state)
{
	CLEANUP(free) char *output = NULL;
	CLEANUP(free) char *dir = NULL;
	CLEANUP(free) char *ready = NULL;
	CLEANUP(free) char *script = NULL;
	struct werr *err = NULL;
	pthread_t thread;
	int code;

	assert_int_equal(file_temp_dir("/tmp", "run", &dir, NULL), 0);
	ready = str_printf("%s/ready", dir);
	script = str_printf("#!/bin/sh\ntrap 'echo asked >$0.out; exit 0' TERM\n"
			    ": >%s\nwhile :; do sleep 0.05; done\n",
		ready);
	assert_int_equal(pthread_create(&thread, NULL, cancel_then, ready), 0);
	assert_fails(run(script, &code, &output, &err), err, WERR_CANCELLED, "interrupted");
	assert_string_equal(output, "asked\n");
	pthread_join(thread, NULL);
	file_remove_all(dir, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_exit_code),
		cmocka_unit_test(test_it_sees_the_arguments),
		cmocka_unit_test(test_missing_program),
		cmocka_unit_test(test_missing_program_beside_a_closed_directory),
		cmocka_unit_test(test_cancel_ends_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
