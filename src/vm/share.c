/* SPDX-License-Identifier: Apache-2.0 */
#include "vm/share.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/process.h"

enum { THEIR_FD = 3 };

static int find_program(const char *given, const char **ret, struct werr **err)
{
	/* Debian 13 and Fedora, Debian 12, Arch. */
	static const char *const places[] = {
		"/usr/libexec/virtiofsd", "/usr/lib/qemu/virtiofsd", "/usr/lib/virtiofsd"};

	if (given && file_exists(given)) {
		*ret = given;
		return 0;
	}
	if (given)
		return werr_set(err, WERR_NOT_FOUND, "there is no %s", given);
	for (size_t i = 0; i < ARRAY_SIZE(places); i++)
		if (file_exists(places[i])) {
			*ret = places[i];
			return 0;
		}
	werr_set(err, WERR_NOT_FOUND, "--virtiofs needs virtiofsd, which is not installed");
	werr_hint(err, "apt-get install virtiofsd (Debian 12: qemu-system-common), or name it with "
		       "--virtiofsd");
	return werr_code(WERR_NOT_FOUND);
}

/* A socket that QEMU can connect to at once, whenever virtiofsd is ready. */
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
	if (fd == THEIR_FD ? fcntl(fd, F_SETFD, 0) < 0 : dup2(fd, THEIR_FD) < 0)
		_exit(127);
	execv(argv[0], (char *const *)(const void *)argv);
	_exit(127);
}

static int start_one(const struct qemu_spec *spec, const char *program, size_t i,
	struct vm_shares *s, struct werr **err)
{
	CLEANUP(free) char *path = str_printf("%s/virtiofs%zu", spec->share_dir, i);
	CLEANUP(free) char *dir = realpath(spec->shares->items[i], NULL);
	CLEANUP(free) char *source = dir ? str_printf("source=%s", dir) : NULL;
	const char *const argv[] = {program, "--fd=3", "-o", source, NULL};
	CLEANUP(free) char *line = process_quote(argv);
	CLEANUP(fd) int fd = -1;
	pid_t parent = getpid(), pid;
	int r;

	if (!dir)
		return werr_errno(
			err, errno, "can't look up the directory %s", spec->shares->items[i]);
	r = listen_at(path, &fd, err);
	if (r < 0)
		return r;
	log_detail("%s", line);
	pid = fork();
	if (pid < 0)
		return werr_errno(err, errno, "can't start %s", program);
	if (pid == 0)
		become(argv, fd, spec->detached, parent);
	s->pids[s->n++] = pid;
	return 0;
}

int vm_shares_start(const struct qemu_spec *spec, struct vm_shares *ret, struct werr **err)
{
	CLEANUP(vm_shares) struct vm_shares s = {0};
	const char *program = NULL;
	int r;

	if (!spec->shares || !spec->shares->n)
		return 0;
	r = find_program(spec->virtiofsd, &program, err);
	s.pids = mem_new_array(pid_t, spec->shares->n);
	for (size_t i = 0; r == 0 && i < spec->shares->n; i++)
		r = start_one(spec, program, i, &s, err);
	if (r < 0)
		return r;
	*ret = s;
	s = (struct vm_shares){0};
	return 0;
}

void vm_shares_leave(struct vm_shares *s)
{
	free(s->pids);
	*s = (struct vm_shares){0};
}

void vm_shares_cleanup(struct vm_shares *s)
{
	for (size_t i = 0; i < s->n; i++)
		kill(s->pids[i], SIGKILL);
	for (size_t i = 0; i < s->n; i++)
		while (waitpid(s->pids[i], NULL, 0) < 0 && errno == EINTR)
			;
	vm_shares_leave(s);
}
