/* SPDX-License-Identifier: Apache-2.0 */
/* Says what the kernel answers to some system calls: "NAME keyctl=1 ...", 0 for yes, else the
 * errno. */
#include <errno.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void say(const char *name, long result)
{
	printf(" %s=%d", name, result < 0 ? errno : 0);
}

/* In a child, which keeps what it gets to itself. */
static long in_child(long number, unsigned long a, unsigned long b)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(syscall(number, a, b, 0, 0, 0) < 0 ? errno : 0);
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return -1;
	errno = WEXITSTATUS(status);
	return errno ? -1 : 0;
}

static long clone_with(unsigned long flags)
{
	long pid = syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0);

	if (pid == 0)
		_exit(0);
	if (pid > 0)
		waitpid((pid_t)pid, NULL, 0);
	return pid;
}

int main(int argc, char **argv)
{
	printf("%s", argc > 1 ? argv[1] : "probe");
	say("keyctl", syscall(SYS_keyctl, 0, -3, 0, 0, 0));
	say("io_uring", syscall(SYS_io_uring_setup, 0, NULL)); /* allowed: EINVAL or EFAULT */
	say("unshare", in_child(SYS_unshare, CLONE_NEWUSER, 0));
	say("clone-user", clone_with(CLONE_NEWUSER));
	say("clone", clone_with(0));
	say("clone3", syscall(SYS_clone3, NULL, 0));                /* allowed: EINVAL */
	say("personality", syscall(SYS_personality, 0xffffffffUL)); /* as the C library calls it */
	say("aslr", syscall(SYS_personality, 0x0040000));
	say("unix", syscall(SYS_socket, AF_UNIX, SOCK_STREAM, 0));
	say("inet6", syscall(SYS_socket, AF_INET6, SOCK_DGRAM, 0));
	say("alg", syscall(SYS_socket, AF_ALG, SOCK_SEQPACKET, 0));
	say("alg-high-bits", syscall(SYS_socket, (1L << 32) + AF_ALG, SOCK_SEQPACKET, 0));
	say("vsock", syscall(SYS_socket, AF_VSOCK, SOCK_STREAM, 0));
	say("trace", in_child(SYS_ptrace, PTRACE_TRACEME, 0));
	say("unknown", syscall(2000));
	printf(" end\n");
	fflush(stdout);
	for (;;)
		pause();
}
