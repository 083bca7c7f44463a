/* SPDX-License-Identifier: Apache-2.0 */
#include "vm/guard.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"

/*
 * In the child; only calls that are safe after fork(). It keeps nothing else open, and above all no
 * other guard's pipe. The machine is named by a descriptor: its number may be another's by then.
 */
_Noreturn static void wait_and_kill(int end, int machine)
{
	static const int ends[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
	enum { MACHINE, END, N };
	char ignored;

	for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
		signal(ends[i], SIG_IGN);
	machine = fcntl(machine, F_DUPFD, N);
	end = fcntl(end, F_DUPFD, N);
	if (machine < 0 || end < 0 || dup2(machine, MACHINE) < 0 || dup2(end, END) < 0)
		_exit(1);
	close_range(N, ~0U, 0);
	while (read(END, &ignored, 1) < 0 && errno == EINTR)
		;
	pidfd_send_signal(MACHINE, SIGKILL, NULL, 0);
	_exit(0);
}

int vm_guard_start(uint64_t machine, struct vm_guard *ret, struct werr **err)
{
	CLEANUP(fd) int fd = pidfd_open((pid_t)machine, 0);
	int ends[2];
	pid_t pid;

	*ret = (struct vm_guard){0};
	/* It has ended already. */
	if (fd < 0 && errno == ESRCH)
		return 0;
	if (fd < 0 || pipe2(ends, O_CLOEXEC) < 0)
		return werr_errno(err, errno, "can't guard a machine");
	pid = fork();
	if (pid == 0)
		wait_and_kill(ends[0], fd);
	close(ends[0]);
	if (pid < 0) {
		int problem = errno;

		close(ends[1]);
		return werr_errno(err, problem, "can't guard a machine");
	}
	*ret = (struct vm_guard){pid, ends[1]};
	return 0;
}

void vm_guard_end(struct vm_guard *g)
{
	if (!g->pid)
		return;
	close(g->fd);
	while (waitpid(g->pid, NULL, 0) < 0 && errno == EINTR)
		;
	*g = (struct vm_guard){0};
}
