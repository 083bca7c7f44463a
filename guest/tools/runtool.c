/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/runtool.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/mem.h"
#include "common/spawn.h"

enum { STATUS_MAX = 64 };

static int start(const char *const *argv, pid_t *ret, struct werr **err)
{
	/* What was said before comes before what it says. */
	fflush(stdout);
	*ret = spawn(argv[0], argv, -1);
	return *ret < 0 ? werr_errno(err, -*ret, "can't run %s", argv[0]) : 0;
}

static int judge(const char *const *argv, int status, int *ret_code, struct werr **err)
{
	char text[STATUS_MAX];

	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	if (ret_code && WIFEXITED(status))
		*ret_code = WEXITSTATUS(status);
	return werr_set(err, WERR_FAILED, "%s failed: %s", argv[0],
		spawn_status(text, sizeof(text), status));
}

static int wait_for(pid_t pid)
{
	int status = -1;

	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

int runtool(const char *const *argv, int *ret_code, struct werr **err)
{
	pid_t pid;
	int r = start(argv, &pid, err);

	if (ret_code)
		*ret_code = -1;
	return r < 0 ? r : judge(argv, wait_for(pid), ret_code, err);
}

int runtool_for(const char *const *argv, uint64_t limit, struct werr **err)
{
	static const struct timespec pause = {.tv_nsec = 20000000};
	uint64_t end = clock_ms() + limit;
	int status = -1, r;
	pid_t pid;

	r = start(argv, &pid, err);
	if (r < 0)
		return r;
	while (waitpid(pid, &status, WNOHANG) != pid) {
		if (clock_ms() < end) {
			nanosleep(&pause, NULL);
			continue;
		}
		/* It has a session of its own, with all that it has started. */
		kill(-pid, SIGKILL);
		wait_for(pid);
		return werr_set(err, WERR_TIMEOUT, "%s did not end in %llu ms", argv[0],
			(unsigned long long)limit);
	}
	return judge(argv, status, NULL, err);
}

const char **runtool_argv(const struct strv *words)
{
	const char **argv = mem_new_array(const char *, words->n + 1);

	for (size_t i = 0; i < words->n; i++)
		argv[i] = words->items[i];
	return argv;
}
