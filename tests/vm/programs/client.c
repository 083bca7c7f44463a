/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What talks to the supervisor in tests. "write NAME TEXT": hand over a pipe, as LinuxKit's
 * logwrite does, and write a line to it. "read": ask for all lines, as its logread does. "ask
 * PATH": put a question to the supervisor, and show the answer. "beg PATH": the same without any
 * capability. "receive udp" (or tcp): show what comes to 127.0.0.1:1514. "hog PID": take all
 * process ids that are left, kill that process, and let go at SIGUSR1. "hold PID": have it hang,
 * without a signal that its parent sees, while this lives.
 */
#include <arpa/inet.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

static int open_socket(int type, const char *path)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, type, 0);

	strncpy(a.sun_path, path, sizeof(a.sun_path) - 1);
	if (connect(fd, (struct sockaddr *)&a, sizeof(a)) == 0)
		return fd;
	perror(path);
	return -1;
}

static int hand_over(const char *name, int fd)
{
	char room[CMSG_SPACE(sizeof(int))] = {0};
	struct iovec text = {(void *)name, strlen(name)};
	struct msghdr m = {.msg_iov = &text,
		.msg_iovlen = 1,
		.msg_control = room,
		.msg_controllen = sizeof(room)};
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	int sock = open_socket(SOCK_DGRAM, "/run/linuxkit-external-logging.sock");

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(int));
	return sendmsg(sock, &m, 0) < 0;
}

static int show(int sock, const char *question, size_t size)
{
	char text[4096];
	ssize_t n;

	if (sock < 0)
		return 1;
	/* Who is refused may have its answer before it asks; then nobody listens any more. */
	if (send(sock, question, size, MSG_NOSIGNAL) < 0)
		shutdown(sock, SHUT_WR);
	while ((n = read(sock, text, sizeof(text))) > 0)
		fwrite(text, 1, (size_t)n, stdout);
	return 0;
}

static void drop_rights(void)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct none[2] = {0};

	if (syscall(SYS_capset, &head, none) < 0)
		perror("capset");
}

static int receive(int type)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
		.sin_port = htons(1514),
		.sin_addr = {htonl(INADDR_LOOPBACK)}};
	int fd = socket(AF_INET, type, 0);
	char text[4096];
	ssize_t n;

	if (bind(fd, (struct sockaddr *)&a, sizeof(a)) < 0)
		return 1;
	if (type == SOCK_STREAM && (listen(fd, 1) < 0 || (fd = accept(fd, NULL, NULL)) < 0))
		return 1;
	while ((n = read(fd, text, sizeof(text) - 1)) > 0) {
		if (type == SOCK_DGRAM)
			text[n++] = '\n';
		if (write(STDOUT_FILENO, text, (size_t)n) != n)
			return 1;
	}
	return 0;
}

static int hog(pid_t victim)
{
	pid_t group = getpid(), pid;
	sigset_t go;
	int got;

	setpgid(0, 0);
	sigemptyset(&go);
	sigaddset(&go, SIGUSR1);
	sigprocmask(SIG_BLOCK, &go, NULL);
	while ((pid = fork()) > 0)
		continue;
	if (pid == 0)
		for (;;)
			pause();
	kill(victim, SIGKILL);
	sigwait(&go, &got);
	signal(SIGTERM, SIG_IGN);
	return kill(-group, SIGTERM) < 0;
}

static int hold(pid_t victim)
{
	if (ptrace(PTRACE_SEIZE, victim, NULL, NULL) < 0 ||
		ptrace(PTRACE_INTERRUPT, victim, NULL, NULL) < 0)
		return 1;
	puts("holds it");
	fflush(stdout);
	for (;;)
		pause();
}

int main(int argc, char **argv)
{
	static const char list[] = "{\"do\":\"list\"}\n";
	int ends[2];

	if (argc == 4 && strcmp(argv[1], "write") == 0) {
		if (pipe(ends) < 0 || hand_over(argv[2], ends[0]))
			return 1;
		dprintf(ends[1], "%s\n", argv[3]);
		return 0;
	}
	if (argc == 3 && strcmp(argv[1], "receive") == 0)
		return receive(strcmp(argv[2], "tcp") == 0 ? SOCK_STREAM : SOCK_DGRAM);
	if (strcmp(argv[1], "hog") == 0)
		return hog(atoi(argv[2]));
	if (strcmp(argv[1], "hold") == 0)
		return hold(atoi(argv[2]));
	if (argc == 2)
		return show(open_socket(SOCK_STREAM, "/run/memlogdq.sock"), "", 1);
	if (strcmp(argv[1], "beg") == 0)
		drop_rights();
	return show(open_socket(SOCK_STREAM, argv[2]), list, sizeof(list) - 1);
}
