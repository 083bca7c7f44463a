/* SPDX-License-Identifier: Apache-2.0 */
#include "common/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/mem.h"
#include "base/str.h"

static ATTR_NORETURN void run(const char *path, const char *const *argv, int output, int report)
{
	sigset_t none;
	int error, null = open("/dev/null", O_RDWR | O_CLOEXEC);

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setsid();
	if (null >= 0)
		dup2(null, STDIN_FILENO);
	if (output >= 0) {
		dup2(output, STDOUT_FILENO);
		dup2(output, STDERR_FILENO);
	}
	execve(path, (char *const *)(uintptr_t)argv, environ);
	error = errno;
	if (write(report, &error, sizeof(error)) < 0)
		_exit(126);
	_exit(127);
}

pid_t spawn(const char *path, const char *const *argv, int output)
{
	int ends[2], error = 0;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	pid = fork();
	if (pid == 0)
		run(path, argv, output, ends[1]);
	error = pid < 0 ? errno : 0;
	close(ends[1]);
	/* The pipe closes without a word when the program has begun. */
	if (pid > 0 && read(ends[0], &error, sizeof(error)) == sizeof(error))
		waitpid(pid, NULL, 0);
	close(ends[0]);
	return error ? -error : pid;
}

const char *spawn_status(char *dst, size_t size, int status)
{
	if (WIFSIGNALED(status))
		str_format(
			dst, size, "signal %d (%s)", WTERMSIG(status), strsignal(WTERMSIG(status)));
	else
		str_format(dst, size, "exit code %d", WEXITSTATUS(status));
	return dst;
}
