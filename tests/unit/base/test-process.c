/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/process.h"
#include "base/str.h"

#define SH(script_)                       \
	(const char *const[])             \
	{                                 \
		"sh", "-c", script_, NULL \
	}

static void test_output_and_input(ATTR_UNUSED void **state)
{
	CLEANUP(process_result) struct process_result r = {0};
	CLEANUP(free) char *big = mem_alloc(300001);
	struct process_spec spec = {.argv = SH("tr a b"), .output_max = 1 << 20};
	struct werr *err = NULL;

	memset(big, 'a', 300000);
	spec.input = big;
	spec.input_size = 300000;
	assert_ok(process_run_ok(&spec, &r, &err), err);
	assert_int_equal(r.output_size, 300000);
	assert_int_equal(strspn(r.output, "b"), 300000);
}

static void test_failures(ATTR_UNUSED void **state)
{
	CLEANUP(process_result) struct process_result r = {0};
	struct werr *err = NULL;

	assert_fails(process_run_ok(&(struct process_spec){.argv = SH("echo why >&2; exit 3")},
			     NULL, &err),
		err, WERR_FAILED, "sh failed with exit code 3: why");
	assert_fails(process_run_ok(
			     &(struct process_spec){
				     .argv = SH("printf 'E: one\\n\\nE: two \\n' >&2; exit 100")},
			     NULL, &err),
		err, WERR_FAILED, "sh failed with exit code 100: E: one; E: two");
	assert_ok(process_run(&(struct process_spec){.argv = SH("kill -9 $$")}, &r, &err), err);
	assert_int_equal(r.exit_code, 128 + 9);
	assert_fails(process_run(
			     &(struct process_spec){
				     .argv = (const char *const[]){"no-such-program", NULL}},
			     &r, &err),
		err, WERR_NOT_FOUND, "can't run no-such-program");
	assert_fails(process_run(&(struct process_spec){.argv = SH("sleep 60"),
					 .timeout_seconds = 1,
					 .show_stderr = true},
			     &r, &err),
		err, WERR_TIMEOUT, "more than 1 seconds");
	assert_fails(process_run(&(struct process_spec){.argv = SH("yes"), .output_max = 1000}, &r,
			     &err),
		err, WERR_LIMIT, "more than expected");
}

/* As a user who may not look into a directory of PATH: 0 when both errors are right. */
static int run_with_closed_directory(const char *dir)
{
	CLEANUP(free) char *path = str_printf("PATH=%s/closed:%s", dir, dir);
	const char *const env[] = {path, NULL};
	CLEANUP(werr) struct werr *missing = NULL, *forbidden = NULL;
	struct process_result r = {0};

	if (geteuid() == 0 && (setgid(65534) < 0 || setuid(65534) < 0))
		return 2;
	process_run(
		&(struct process_spec){.argv = (const char *const[]){"nowhere", NULL}, .env = env},
		&r, &missing);
	process_run(&(struct process_spec){.argv = (const char *const[]){"data", NULL}, .env = env},
		&r, &forbidden);
	return !missing || missing->kind != WERR_NOT_FOUND || !forbidden ||
	       !strstr(forbidden->message, "Permission denied");
}

static void test_a_directory_of_path_that_is_closed(ATTR_UNUSED void **state)
{
	CLEANUP(free) char *dir = NULL;
	struct werr *err = NULL;
	int status;
	pid_t pid;

	assert_ok(file_temp_dir("/tmp", "path", &dir, &err), err);
	CLEANUP(free) char *closed = path_join(dir, "closed"), *data = path_join(dir, "data");
	assert_int_equal(chmod(dir, 0755), 0);
	assert_int_equal(mkdir(closed, 0700), 0);
	assert_int_equal(chmod(closed, 0), 0);
	assert_ok(file_write_atomic(data, 0644, "no program", 10, &err), err);
	pid = fork();
	if (pid == 0)
		_exit(run_with_closed_directory(dir));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	file_remove_all(dir, NULL);
	assert_int_equal(status, 0);
}

static void collect(const char *line, void *ctx)
{
	strv_add(ctx, line);
}

static void test_lines_env_cwd(ATTR_UNUSED void **state)
{
	CLEANUP(process_result) struct process_result r = {0};
	CLEANUP(strv) struct strv lines = {0};
	CLEANUP(free) char *all = NULL;
	struct werr *err = NULL;

	assert_ok(
		process_run_ok(
			&(struct process_spec){.argv = SH("pwd; echo $A; echo $HOME.; printf end"),
				.env = (const char *const[]){"A=1 2", "PATH=/bin", NULL},
				.cwd = "/",
				.line = collect,
				.line_ctx = &lines},
			&r, &err),
		err);
	all = strv_join(&lines, "|");
	assert_string_equal(all, "/|1 2|.|end");
}

static void test_quote(ATTR_UNUSED void **state)
{
	CLEANUP(free) char *s = process_quote((const char *const[]){"a", "b c", "it's", "", NULL});

	assert_string_equal(s, "a 'b c' 'it'\\''s' ''");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_output_and_input),
		cmocka_unit_test(test_failures),
		cmocka_unit_test(test_a_directory_of_path_that_is_closed),
		cmocka_unit_test(test_lines_env_cwd),
		cmocka_unit_test(test_quote),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
