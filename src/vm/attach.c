/* SPDX-License-Identifier: Apache-2.0 */
/* The console of a machine in the background, on this terminal. */
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cancel.h"
#include "base/io.h"
#include "base/log.h"
#include "base/mem.h"
#include "data/terminal-mode.h"
#include "vm/machines.h"

enum { CHUNK = 4096, CTRL_A = 1 };

struct keys {
	bool terminal; /* Ctrl-A is for us */
	bool escaped;  /* it was the last key */
	bool left;
};

/* What of the keys is for the machine: all but Ctrl-A and what follows it. Returns how many. */
static size_t take_keys(struct keys *k, char *p, size_t size)
{
	size_t n = 0;

	for (size_t i = 0; i < size && !k->left; i++) {
		char c = p[i];

		if (!k->terminal || (c != CTRL_A && !k->escaped)) {
			p[n++] = c;
		} else if (!k->escaped) {
			k->escaped = true;
		} else {
			k->escaped = false;
			k->left = c == 'x' || c == 'X';
			if (!k->left)
				p[n++] = c == 'a' ? CTRL_A : c;
		}
	}
	return n;
}

/* false: the machine has ended. */
static bool send_all(int fd, const char *p, size_t size)
{
	while (size > 0) {
		struct pollfd wait = {.fd = fd, .events = POLLOUT};
		ssize_t n = send(fd, p, size, MSG_NOSIGNAL);

		if (n < 0 && errno == EAGAIN && poll(&wait, 1, -1) >= 0)
			continue;
		if (n < 0 && errno == EINTR && !cancel_requested())
			continue;
		if (n < 0)
			return false;
		p += n;
		size -= (size_t)n;
	}
	return true;
}

static int copy(int fd, struct keys *keys, struct werr **err)
{
	struct pollfd fds[] = {
		{.fd = fd, .events = POLLIN}, {.fd = STDIN_FILENO, .events = POLLIN}};
	char bytes[CHUNK];
	int r = 0;

	while (!keys->left && r == 0) {
		ssize_t n;

		r = cancel_check(err);
		if (r < 0 || poll(fds, 2, -1) < 0)
			continue;
		if (fds[0].revents) {
			n = recv(fd, bytes, sizeof(bytes), 0);
			if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN))
				break;
			if (n > 0 && (r = fd_write_all(STDOUT_FILENO, bytes, (size_t)n)) < 0)
				return r == -EPIPE ? r : werr_errno(err, -r, "can't write");
		}
		if (!fds[1].revents)
			continue;
		n = read(STDIN_FILENO, bytes, sizeof(bytes));
		if (n <= 0)
			fds[1].fd = -1;
		else if (!send_all(fd, bytes, take_keys(keys, bytes, (size_t)n)))
			break;
	}
	return r;
}

int vm_machine_attach(const struct vm_machine *m, struct werr **err)
{
	CLEANUP(fd) int fd = -1;
	struct terminal_mode mode;
	struct keys keys = {0};
	int r = vm_machine_check_console(m, err);

	terminal_mode_save(&mode);
	keys.terminal = mode.is_known;
	if (r == 0)
		r = vm_machine_connect(m, MACHINE_CONSOLE, &fd, err);
	if (r < 0)
		return r;
	if (fd < 0)
		return werr_set(err, WERR_NOT_FOUND, "%s does not run", m->name);
	if (keys.terminal) {
		log_info("Ctrl-A X leaves the console; the machine goes on");
		terminal_mode_raw(&mode);
	}
	r = copy(fd, &keys, err);
	if (keys.terminal) {
		terminal_mode_restore(&mode);
		(void)fd_write_all(STDOUT_FILENO, "\r\n", 2);
	}
	return r;
}
