/* SPDX-License-Identifier: Apache-2.0 */
#include "init/shutdown.h"

#include <errno.h>
#include <mntent.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "common/console.h"
#include "common/machine.h"
#include "common/uptime.h"
#include "init/entropy.h"
#include "init/setup.h"

enum { TERM_MS = 3000, KILL_MS = 2000, GUARD_SECONDS = 20 };

/* Reap children for at most ms. True: there are none left. */
static bool wait_for_children(uint64_t ms)
{
	uint64_t until = uptime_ms() + ms;
	sigset_t child;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	for (;;) {
		pid_t pid = waitpid(-1, NULL, WNOHANG);
		uint64_t now = uptime_ms(), left = now < until ? until - now : 0;
		struct timespec pause = {
			.tv_sec = (time_t)(left / 1000), .tv_nsec = (long)(left % 1000 * 1000000)};

		if (pid < 0 && errno == ECHILD)
			return true;
		/* Some processes start new ones without end. */
		if (!left)
			return false;
		if (pid > 0)
			continue;
		/*
		 * SIGCHLD is blocked, so one that arrived after waitpid() ends the pause at once.
		 */
		sigtimedwait(&child, NULL, &pause);
	}
}

static void end_processes(void)
{
	kill(-1, SIGTERM);
	kill(-1, SIGCONT);
	if (wait_for_children(TERM_MS))
		return;
	kill(-1, SIGKILL);
	wait_for_children(KILL_MS);
}

/* sync() never returns when a disk no longer answers. This child does not call it. */
static void start_guard(const struct power_action *action)
{
	if (fork() != 0)
		return;
	sleep(GUARD_SECONDS);
	reboot(action->command);
	_exit(1);
}

/*
 * In reverse order of mounting; what is busy becomes read-only. Errors are ignored, as the machine
 * is about to stop.
 */
static void unmount_all(void)
{
	CLEANUP(strv) struct strv targets = {0};
	FILE *mounts = setmntent("/proc/mounts", "re");
	struct mntent *m;

	while (mounts && (m = getmntent(mounts)))
		strv_add(&targets, m->mnt_dir);
	if (mounts)
		endmntent(mounts);
	for (size_t i = targets.n; i-- > 0;) {
		const char *target = targets.items[i];

		if (str_eq(target, "/dev") || str_eq(target, "/proc"))
			continue;
		if (umount2(target, UMOUNT_NOFOLLOW) < 0)
			mount(NULL, target, NULL, MS_REMOUNT | MS_RDONLY, NULL);
	}
}

void shutdown_now(const struct power_action *action)
{
	end_processes();
	/* These mounts may be the machine's too, and go away with the namespace. */
	if (machine_is_contained()) {
		setup_groups_end();
		console_line("%s", action->name);
		if (action->command == RB_AUTOBOOT)
			reboot(action->command);
		_exit(0);
	}
	start_guard(action);
	entropy_save();
	sync();
	unmount_all();
	sync();
	console_line("%s", action->name);
	reboot(action->command);
	_exit(0);
}
