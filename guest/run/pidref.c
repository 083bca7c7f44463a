/* SPDX-License-Identifier: Apache-2.0 */
#include "run/pidref.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"

enum {
	STAT_MAX = 4096,
	STATUS_MAX = 64 * 1024,
	SYSCALL_MAX = 256,
	START_FIELD = 22,
	COMM_FIELD = 2
};

uint64_t pidref_parse_start(const char *stat)
{
	/* The second field is a name in parentheses, which may contain anything. */
	const char *s = strrchr(stat, ')');
	uint64_t started;

	for (int field = COMM_FIELD; s && field < START_FIELD; field++) {
		s = strchr(s, ' ');
		s = s ? s + 1 : NULL;
	}
	if (!s)
		return 0;
	CLEANUP(free) char *number = str_dup_n(s, strcspn(s, " \n"));
	return str_to_u64(number, 10, &started) == 0 ? started : 0;
}

static uint64_t read_start(pid_t pid)
{
	char path[32], text[STAT_MAX];

	str_format(path, sizeof(path), "/proc/%d/stat", (int)pid);
	return file_read_small(path, text, sizeof(text)) < 0 ? 0 : pidref_parse_start(text);
}

void pidref_name(struct pidref *p, pid_t pid)
{
	p->pid = pid;
	p->started = read_start(pid);
}

void pidref_hold(struct pidref *p)
{
	p->fd = (int)syscall(SYS_pidfd_open, p->pid, 0);
}

void pidref_set(struct pidref *p, pid_t pid)
{
	pidref_clear(p);
	pidref_name(p, pid);
	pidref_hold(p);
}

bool pidref_attach(struct pidref *p, pid_t pid, uint64_t started)
{
	pidref_set(p, pid);
	if (p->started && p->started == started)
		return true;
	/* The number belongs to another process now. */
	fd_cleanup(&p->fd);
	*p = (struct pidref){.pid = pid, .started = started, .fd = -1};
	return false;
}

bool pidref_is_gone(const struct pidref *p)
{
	if (!p->pid)
		return false;
	if (p->fd < 0)
		return p->started && read_start(p->pid) != p->started;
	return syscall(SYS_pidfd_send_signal, p->fd, 0, NULL, 0) < 0 && errno == ESRCH;
}

void pidref_signal(const struct pidref *p, int signal)
{
	if (p->fd >= 0)
		syscall(SYS_pidfd_send_signal, p->fd, signal, NULL, 0);
}

bool pidref_parse_hears(const char *status, int signal)
{
	CLEANUP(strv) struct strv lines = {0};
	uint64_t heard = 0, mask;
	bool first = false;
	const char *line;

	strv_split(&lines, status, '\n');
	STRV_FOREACH (line, &lines) {
		/* Masks of blocked signals, which may be read later, and of caught ones. */
		if (str_after(line, "NSpid:"))
			first = str_ends_with(line, "\t1");
		else if (str_after(line, "SigBlk:\t") || str_after(line, "SigCgt:\t"))
			heard |= str_to_u64(line + strlen("SigBlk:\t"), 16, &mask) == 0 ? mask : 0;
	}
	return !first || signal == SIGKILL || (heard & (UINT64_C(1) << (signal - 1)));
}

/*
 * What sigtimedwait() waits for is shown as not blocked (kernel/signal.c: do_sigtimedwait()), but
 * is not dropped. It is how tini, many images' first process, sleeps.
 */
bool pidref_waits(pid_t pid)
{
	char path[32], text[SYSCALL_MAX];
	uint64_t call;

	str_format(path, sizeof(path), "/proc/%d/syscall", (int)pid);
	if (file_read_small(path, text, sizeof(text)) < 0)
		return false;
	text[strcspn(text, " \n")] = '\0';
	return str_to_u64(text, 10, &call) == 0 && call == SYS_rt_sigtimedwait;
}

bool pidref_hears(pid_t pid, int signal)
{
	char path[32], text[STATUS_MAX];

	str_format(path, sizeof(path), "/proc/%d/status", (int)pid);
	return file_read_small(path, text, sizeof(text)) < 0 || pidref_parse_hears(text, signal) ||
	       pidref_waits(pid);
}

void pidref_clear(struct pidref *p)
{
	fd_cleanup(&p->fd);
	*p = PIDREF_NONE;
}
