/* SPDX-License-Identifier: Apache-2.0 */
#include "common/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/mem.h"
#include "base/str.h"

/* PID 1 and the supervisor are spared when memory is short; what they start is not. */
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
}

static ATTR_NORETURN void run(const struct spawn *s, int parent)
{
	sigset_t none;
	char go;
	int error;

	if (read(parent, &go, 1) != 1)
		_exit(126);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setsid();
	be_killable();
	set_stdio(s);
	for (size_t i = 0; i < s->n_keep; i++)
		fcntl(s->keep[i], F_SETFD, 0);
	if (!s->root || (chroot(s->root) == 0 && chdir("/") == 0))
		execve(s->path, (char *const *)(uintptr_t)s->argv, environ);
	error = errno;
	if (write(parent, &error, sizeof(error)) < 0)
		_exit(126);
	_exit(127);
}

pid_t spawn_run(const struct spawn *s)
{
	int ends[2], error = 0;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return -errno;
	pid = fork();
	error = pid < 0 ? errno : 0;
	close(ends[pid == 0 ? 0 : 1]);
	if (pid == 0)
		run(s, ends[1]);
	if (pid > 0 && s->witness)
		s->witness->saw(s->witness->ctx, pid);
	if (pid > 0 && send(ends[0], "", 1, MSG_NOSIGNAL) < 0)
		error = errno;
	/* The socket closes without a word when the program has begun. */
	if (pid > 0 && read(ends[0], &error, sizeof(error)) == sizeof(error))
		waitpid(pid, NULL, 0);
	close(ends[0]);
	return error ? -error : pid;
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
