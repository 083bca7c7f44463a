/* SPDX-License-Identifier: Apache-2.0 */
#include "vm/helper.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/process.h"

/* A socket that QEMU can connect to at once, whenever the program is ready. */
static int listen_at(const char *path, int *ret_fd, struct werr **err)
{
	CLEANUP(fd) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un at = {.sun_family = AF_UNIX};

	if (fd < 0)
		return werr_errno(err, errno, "can't make a socket");
	if (str_copy(at.sun_path, sizeof(at.sun_path), path) < 0) {
		werr_set(err, WERR_LIMIT, "the name of a socket is too long: %s", path);
		werr_hint(err, "name a shorter state directory with --state");
		return werr_code(WERR_LIMIT);
	}
	if (unlink(path) < 0 && errno != ENOENT)
		return werr_errno(err, errno, "can't remove %s", path);
	if (bind(fd, (const struct sockaddr *)&at, sizeof(at)) < 0 || listen(fd, 1) < 0)
		return werr_errno(err, errno, "can't listen at %s", path);
	*ret_fd = fd;
	fd = -1;
	return 0;
}

/* In the child; only calls that are safe after fork(). */
static void become(const char *const *argv, int fd, bool stays, pid_t parent)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (!stays) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(127);
	} else {
		setsid();
	}
	if (null < 0 || dup2(null, STDIN_FILENO) < 0 ||
		dup2(stays ? null : STDERR_FILENO, STDOUT_FILENO) < 0 ||
		(stays && dup2(null, STDERR_FILENO) < 0))
		_exit(127);
	if (fd == VM_HELPER_FD ? fcntl(fd, F_SETFD, 0) < 0 : dup2(fd, VM_HELPER_FD) < 0)
		_exit(127);
	execv(argv[0], (char *const *)(const void *)argv);
	_exit(127);
}

int vm_helper_start(
	const char *const *argv, const char *socket, bool stays, pid_t *ret, struct werr **err)
{
	CLEANUP(free) char *line = process_quote(argv);
	CLEANUP(fd) int fd = -1;
	pid_t parent = getpid(), pid;
	int r = listen_at(socket, &fd, err);

	if (r < 0)
		return r;
	log_detail("%s", line);
	pid = fork();
	if (pid < 0)
		return werr_errno(err, errno, "can't start %s", argv[0]);
	if (pid == 0)
		become(argv, fd, stays, parent);
	*ret = pid;
	return 0;
}

void vm_helper_end(pid_t pid)
{
	kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}
