/* SPDX-License-Identifier: Apache-2.0 */
/* What a command sees and may do in there. The root is made of this machine's own /usr. */
#include "pkg/sandbox.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "check.h"

struct fixture {
	char *top, *root, *out, *tmp, *in;
};

static char *make_dir(const char *top, const char *name)
{
	char *path = path_join(top, name);
	struct werr *err = NULL;

	assert_ok(file_make_dirs(path, 0755, &err), err);
	return path;
}

static void write_file(const char *dir, const char *name, const char *text)
{
	CLEANUP(free) char *path = path_join(dir, name);
	struct werr *err = NULL;

	assert_ok(file_write_atomic(path, 0644, text, strlen(text), &err), err);
}

/* Where this machine's own /bin and /lib64 lead. */
static void make_root(struct fixture *f)
{
	static const char *const merged[] = {"bin", "sbin", "lib", "lib64", NULL};
	static const char *const places[] = {
		"usr", "proc", "dev", "out", "tmp", "package", "etc", NULL};

	for (size_t i = 0; places[i]; i++)
		free(make_dir(f->root, places[i]));
	for (size_t i = 0; merged[i]; i++) {
		CLEANUP(free) char *at = path_join(f->root, merged[i]);
		CLEANUP(free) char *to = path_join("usr", merged[i]);

		assert_int_equal(symlink(to, at), 0);
	}
	for (size_t i = 0; sandbox_devices[i]; i++)
		write_file(f->root, sandbox_devices[i], "");
}

static int setup(void **state)
{
	struct fixture *f = mem_new(struct fixture);
	struct werr *err = NULL;

	assert_ok(file_temp_dir("/tmp", "sandbox", &f->top, &err), err);
	f->root = make_dir(f->top, "root");
	f->out = make_dir(f->top, "out");
	f->tmp = make_dir(f->top, "tmp");
	f->in = make_dir(f->top, "in");
	make_root(f);
	assert_ok(sandbox_give(f->out, &err), err);
	assert_ok(sandbox_give(f->tmp, &err), err);
	write_file(f->in, "own", "mine");
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(file_remove_all(f->top, NULL), 0);
	free(f->top);
	free(f->root);
	free(f->out);
	free(f->tmp);
	free(f->in);
	free(f);
	return 0;
}

static int run(const struct fixture *f, const char *script, struct werr **err)
{
	static const char *const env[] = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL};
	const char *const argv[] = {"/bin/sh", "-euc", script, NULL};
	const struct process_spec spec = {
		.argv = argv, .env = env, .cwd = "/package", .timeout_seconds = 60};
	const struct sandbox_bind binds[] = {
		{"/usr", "usr", false},
		{f->in, "package", false},
		{f->out, "out", true},
		{f->tmp, "tmp", true},
		{0},
	};

	return sandbox_run(&(struct sandbox){f->root, binds, false}, &spec, err);
}

/* Whether the machine lets it be is not ours to say. */
static void skip_without_namespaces(const struct fixture *f)
{
	struct werr *err = NULL;

	if (run(f, "true", &err) == 0)
		return;
	if (err->kind != WERR_UNSUPPORTED)
		fail_msg("%s", err->message);
	assert_non_null(strstr(err->hint, "user.max_user_namespaces"));
	werr_free(err);
	skip();
}

/* Each line is one thing that must hold. */
static const char *const holds[] = {
	"[ $PWD = /package ] && [ \"$(cat own)\" = mine ]",
	"[ $(id -u) = 65534 ] && [ $(id -g) = 65534 ]",
	"! echo x > new; ! echo x > /new; ! echo x > /etc/new; ! echo x > /usr/new; ! rm own",
	"echo x > /out/file; echo x > /tmp/file; echo x > /dev/null; [ -c /dev/urandom ]; "
	"head -c 1 /dev/zero > /tmp/z",
	"[ ! -e /home ] && [ ! -e /root ] && [ ! -e /var ] && [ ! -e /etc/passwd ] && "
	"[ ! -e /sys/kernel ]",
	/* Of the processes there are the step's own. */
	"set -- /proc/[0-9]*; [ $# -le 4 ]; [ ! -e /proc/self/fd/7 ]",
	"grep -q '^NoNewPrivs:.1$' /proc/self/status; "
	"! grep '^Cap' /proc/self/status | grep -v '0000000000000000$'",
	/* Read-only for every user; a write would have no effect. */
	"! cat /proc/sys/kernel/hostname > /proc/sys/kernel/hostname; "
	"[ \"$(cat /proc/sys/kernel/hostname)\" = wherry ]",
	/* No network card but a loopback that is down. */
	"[ $(grep -c : /proc/net/dev) = 1 ]",
	"! mount -t tmpfs x /tmp; ! mount -o remount,rw / ",
	"[ -z \"${HOME:-}\" ]; [ $(env | grep -v -E '^(PATH|PWD|_|SHLVL|OLDPWD)=' | wc -l) = 0 ]",
	"[ $(ulimit -c) = 0 ]",
};

static void nothing_but_what_is_named_is_there(void **state)
{
	struct fixture *f = *state;
	struct werr *err = NULL;
	/* A descriptor that the parent process left open. */
	CLEANUP(fd) int left = open("/", O_RDONLY | O_DIRECTORY), seventh = dup2(left, 7);

	skip_without_namespaces(f);
	for (size_t i = 0; i < ARRAY_SIZE(holds); i++)
		if (run(f, holds[i], &err) < 0)
			fail_msg("%s: %s", holds[i], err->message);
	(void)seventh;
}

static void what_it_says_and_how_it_ends_is_told(void **state)
{
	struct fixture *f = *state;
	struct werr *err = NULL;

	skip_without_namespaces(f);
	assert_fails(run(f, "echo no compiler >&2; exit 3", &err), err, WERR_FAILED,
		"exit code 3: no compiler");
	assert_fails(run(f, "kill -9 $$", &err), err, WERR_FAILED, "exit code 137");
}

/* It would say that it lives, again and again. */
static void what_it_leaves_behind_ends(void **state)
{
	struct fixture *f = *state;
	CLEANUP(free) char *path = path_join(f->out, "alive");
	const struct timespec while_ = {.tv_nsec = 200 * 1000000L};
	struct werr *err = NULL;
	struct stat before, after;

	skip_without_namespaces(f);
	assert_ok(run(f,
			  "setsid sh -c 'while :; do echo x >> /out/alive; sleep 0.01; "
			  "done' > /dev/null 2>&1 & "
			  "while [ ! -s /out/alive ]; do sleep 0.01; done",
			  &err),
		err);
	assert_int_equal(stat(path, &before), 0);
	nanosleep(&while_, NULL);
	assert_int_equal(stat(path, &after), 0);
	assert_int_equal(before.st_size, after.st_size);
}

static off_t size_of(const char *path)
{
	struct stat st;

	return stat(path, &st) < 0 ? 0 : st.st_size;
}

static void it_ends_with_who_started_it(void **state)
{
	struct fixture *f = *state;
	CLEANUP(free) char *path = path_join(f->out, "alive");
	const struct timespec tick = {.tv_nsec = 50 * 1000000L};
	off_t before = -1;
	pid_t pid;

	skip_without_namespaces(f);
	pid = fork();
	if (pid == 0) {
		run(f, "while :; do echo x >> /out/alive; sleep 0.01; done", NULL);
		_exit(0);
	}
	for (unsigned i = 0; i < 400 && size_of(path) == 0; i++)
		nanosleep(&tick, NULL);
	assert_true(size_of(path) > 0);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	/* Until it has not grown for a while. */
	for (unsigned i = 0; i < 100 && size_of(path) != before; i++) {
		before = size_of(path);
		nanosleep(&tick, NULL);
		nanosleep(&tick, NULL);
		nanosleep(&tick, NULL);
	}
	assert_int_equal(size_of(path), before);
}

static void a_root_that_is_none_is_told(void **state)
{
	struct fixture *f = *state;
	CLEANUP(free) char *proc = path_join(f->root, "proc");
	struct werr *err = NULL;

	skip_without_namespaces(f);
	assert_int_equal(rmdir(proc), 0);
	assert_fails(run(f, "true", &err), err, WERR_UNSUPPORTED, "/proc");
}

#define CASE(f_) cmocka_unit_test_setup_teardown(f_, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(nothing_but_what_is_named_is_there),
		CASE(what_it_says_and_how_it_ends_is_told),
		CASE(what_it_leaves_behind_ends),
		CASE(it_ends_with_who_started_it),
		CASE(a_root_that_is_none_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
