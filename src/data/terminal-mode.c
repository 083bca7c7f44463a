/* SPDX-License-Identifier: Apache-2.0 */
#include "data/terminal-mode.h"

#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

void terminal_mode_save(struct terminal_mode *ret)
{
	*ret = (struct terminal_mode){0};
	ret->is_known = tcgetattr(STDIN_FILENO, &ret->was) == 0;
}

void terminal_mode_raw(const struct terminal_mode *m)
{
	struct termios raw = m->was;

	if (!m->is_known)
		return;
	cfmakeraw(&raw);
	tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
}

void terminal_mode_restore(const struct terminal_mode *m)
{
	if (m->is_known)
		tcsetattr(STDIN_FILENO, TCSADRAIN, &m->was);
}

int terminal_watch_size(void)
{
	sigset_t mask;

	sigemptyset(&mask);
	sigaddset(&mask, SIGWINCH);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	return signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
}

bool terminal_was_resized(int watched)
{
	struct signalfd_siginfo info;

	return read(watched, &info, sizeof(info)) == sizeof(info);
}
