/* SPDX-License-Identifier: Apache-2.0 */
#include "common/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/mem.h"
#include "base/str.h"

enum { STACK_SIZE = 64 * 1024 };

/* PID 1 and the supervisor are spared by the OOM killer; what they start is not. */
static void be_killable(void)
{
	CLEANUP(fd) int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	if (fd >= 0 && write(fd, "0", 1) < 0)
		return;
}

static void set_stdio(const struct spawn *s)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int in = s->in >= 0 ? s->in : null, out = s->out, err = s->err;

	if (s->terminal) {
		in = out = err = open(s->terminal, O_RDWR | O_NOCTTY | O_CLOEXEC);
		if (in >= 0)
			ioctl(in, TIOCSCTTY, 1);
	}
	if (in >= 0)
		dup2(in, STDIN_FILENO);
	if (out >= 0)
		dup2(out, STDOUT_FILENO);
	if (err >= 0 || out >= 0)
		dup2(err >= 0 ? err : out, STDERR_FILENO);
	if (s->third >= 0 && dup2(s->third, STDERR_FILENO + 1) >= 0)
		fcntl(STDERR_FILENO + 1, F_SETFD, 0);
}

struct child {
	const struct spawn *s;
	pid_t parent;
	int error;
};

/*
 * The child shares the parent's memory but not its descriptors, and the parent sleeps until the
 * child has executed its program or ended.
 */
static int run(void *arg)
{
	struct child *c = arg;
	const struct spawn *s = c->s;
	sigset_t none;

	if (s->witness) {
		/*
		 * A parent that dies takes its knowledge of this child along, so the child must die
		 * too.
		 */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != c->parent)
			_exit(126);
		s->witness->saw(s->witness->ctx, getpid());
		prctl(PR_SET_PDEATHSIG, 0);
	}
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setsid();
	be_killable();
	set_stdio(s);
	for (size_t i = 0; i < s->n_keep; i++)
		fcntl(s->keep[i], F_SETFD, 0);
	if (!s->root || (chroot(s->root) == 0 && chdir("/") == 0))
		execve(s->path, (char *const *)(uintptr_t)s->argv, environ);
	c->error = errno;
	_exit(127);
}

/* Not fork(2): no memory is copied, and no pages are marked to be copied later. */
pid_t spawn_run(const struct spawn *s)
{
	/* Only one child uses it at a time, as the parent sleeps meanwhile. */
	static _Alignas(16) char stack[STACK_SIZE];
	struct child c = {.s = s, .parent = getpid()};
	pid_t pid = clone(run, stack + sizeof(stack), CLONE_VM | CLONE_VFORK | SIGCHLD, &c);

	if (pid < 0)
		return -errno;
	if (c.error)
		waitpid(pid, NULL, 0);
	return c.error ? -c.error : pid;
}

pid_t spawn(const char *path, const char *const *argv, int output)
{
	struct spawn s = SPAWN(path, argv);

	s.out = output;
	return spawn_run(&s);
}

const char *spawn_status(char *dst, size_t size, int status)
{
	if (status < 0)
		str_format(dst, size, "an exit code that nobody saw");
	else if (WIFSIGNALED(status))
		str_format(
			dst, size, "signal %d (%s)", WTERMSIG(status), strsignal(WTERMSIG(status)));
	else
		str_format(dst, size, "exit code %d", WEXITSTATUS(status));
	return dst;
}
