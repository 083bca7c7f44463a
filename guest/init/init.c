/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PID 1. It sets up the system, starts the supervisor, which does everything else, and then waits
 * for children to end, and for the signal or the button that ends the machine.
 */
#include "init/init.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "common/cmdline.h"
#include "common/console.h"
#include "common/machine.h"
#include "common/ownlines.h"
#include "common/paths.h"
#include "common/shell.h"
#include "common/uptime.h"
#include "contract/paths.h"
#include "contract/wherry.h"
#include "init/button.h"
#include "init/keeper.h"
#include "init/load.h"
#include "init/root.h"
#include "init/setup.h"
#include "init/shutdown.h"

enum {
	BUTTONS_MAX = 8,
	SUPERVISOR_MS = 90000, /* time for the supervisor to stop everything */
};

enum { FD_SIGNALS, FD_CHANNEL, FD_MOUNTS, FD_BUTTONS };

struct init {
	struct pollfd fds[FD_BUTTONS + BUTTONS_MAX];
	nfds_t n_fds;
	struct keeper keeper;
	bool more;                         /* there may be more children to reap */
	const struct power_action *action; /* what was asked for; NULL: nothing yet */
	uint64_t deadline; /* for the supervisor to stop everything, once action is set */
};

static int open_signals(void)
{
	sigset_t all;

	/*
	 * PID 1 receives no signal that it does not handle, but children would inherit ignored
	 * ones.
	 */
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	return signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* Add a line "BEGIN END NAME" for `service boot`. Returns the end. */
static uint64_t mark(struct buf *marks, const char *name, uint64_t begin)
{
	uint64_t end = uptime_ms();

	buf_printf(marks, "%" PRIu64 " %" PRIu64 " %s\n", begin, end, name);
	return end;
}

static void read_options(const char *cmdline)
{
	CLEANUP(free) char *shell = cmdline_value(cmdline, "wherry.shell");
	CLEANUP(free) char *cgroups = cmdline_value(cmdline, "linuxkit.unified_cgroup_hierarchy");

	if (cgroups && str_eq(cgroups, "0"))
		console_line("init: linuxkit.unified_cgroup_hierarchy=0 is not supported: there "
			     "are only version 2 cgroups");
	if (shell && *shell) {
		CLEANUP(free) char *terminal = str_printf("/dev/%s", shell);

		if (shell_start(terminal) < 0)
			console_line("init: there is no shell for wherry.shell=%s", shell);
	}
}

/* Without the root there is nothing to run. */
static void root_failed(const char *cmdline)
{
	CLEANUP(free) char *onfail = cmdline_value(cmdline, "wherry.onfail");
	const struct power_action *action = onfail ? power_for_verb(onfail) : NULL;

	if (action)
		shutdown_now(action);
}

static void set_up(struct init *in)
{
	CLEANUP(buf) struct buf marks = BUF_INIT(4096);
	CLEANUP(free) char *cmdline = NULL;
	uint64_t time = mark(&marks, "kernel", 0);

	umask(022);
	setup_root();
	setup_mounts();
	setup_stdio();
	time = mark(&marks, "mounts", time);
	cmdline = cmdline_read();
	load_modules();
	time = mark(&marks, "modules", time);
	if (!root_switch(cmdline))
		root_failed(cmdline);
	setup_groups();
	setup_system();
	setup_volumes();
	setup_seal_root(root_is_writable(cmdline));
	mark(&marks, "system", time);
	file_write_atomic(RUN_BOOT, 0600, buf_str(&marks), marks.len, NULL);
	/* The kernel is to signal us for ctrl-alt-del instead of rebooting at once. */
	reboot(RB_DISABLE_CAD);
	read_options(cmdline);
	in->n_fds = FD_BUTTONS;
	if (!machine_is_contained())
		in->n_fds += button_open(in->fds + FD_BUTTONS, BUTTONS_MAX);
}

static void ask_for(struct init *in, const struct power_action *action)
{
	if (in->action)
		return;
	in->action = action;
	in->deadline = uptime_ms() + SUPERVISOR_MS;
	keeper_stop(&in->keeper);
}

/* A step of onboot may mount a disk for persistent data; the kernel reports each mount. */
static void watch_mounts(struct init *in)
{
	int fd = machine_is_contained() ? -1 : open("/proc/self/mounts", O_RDONLY | O_CLOEXEC);

	in->fds[FD_MOUNTS] = (struct pollfd){.fd = fd, .events = POLLPRI};
}

static void look_at_mounts(struct pollfd *fd)
{
	if (fd->revents && setup_kept_var()) {
		close(fd->fd);
		fd->fd = -1;
	}
}

static void handle_signals(struct init *in)
{
	struct signalfd_siginfo info;

	while (read(in->fds[FD_SIGNALS].fd, &info, sizeof(info)) == sizeof(info)) {
		const struct power_action *action =
			power_for_signal((int)info.ssi_signo, machine_is_contained());

		if (action)
			ask_for(in, action);
	}
	in->more = keeper_reap(&in->keeper);
}

/* Milliseconds until something is due; -1: nothing is. */
static int time_left(const struct init *in)
{
	uint64_t next = keeper_deadline(&in->keeper), now = uptime_ms();

	if (in->more)
		return 0;
	if (in->action && (!next || in->deadline < next))
		next = in->deadline;
	if (!next)
		return -1;
	return next <= now ? 0 : (int)(next - now);
}

static void wait_for_event(struct init *in)
{
	struct pollfd *channel = &in->fds[FD_CHANNEL];

	channel->events = in->keeper.channel_full ? POLLIN | POLLOUT : POLLIN;
	if (poll(in->fds, in->n_fds, time_left(in)) < 0)
		return;
	handle_signals(in);
	if (channel->revents)
		keeper_listen(&in->keeper);
	keeper_tick(&in->keeper, uptime_ms());
	look_at_mounts(&in->fds[FD_MOUNTS]);
	for (nfds_t i = FD_BUTTONS; i < in->n_fds; i++)
		if (button_pressed(&in->fds[i]))
			ask_for(in, power_for_verb("poweroff"));
}

static bool is_over(const struct init *in)
{
	return in->action && (in->keeper.done || uptime_ms() >= in->deadline);
}

int init_main(ATTR_UNUSED int argc, ATTR_UNUSED char **argv)
{
	/* Too large for the stack. */
	static struct init in;
	int said;

	if (getpid() != 1) {
		fprintf(stderr, "init: this is PID 1 of a Wherry system; it can't run otherwise\n");
		return 1;
	}
	in.fds[FD_SIGNALS] = (struct pollfd){.fd = open_signals(), .events = POLLIN};
	said = ownlines_begin();
	set_up(&in);
	if (said >= 0)
		fdstore_keep(&in.keeper.store, OWNLINES_KEPT ":" OWN_NAME, said);
	watch_mounts(&in);
	keeper_begin(&in.keeper, "/" SUPERVISOR_PROGRAM);
	in.fds[FD_CHANNEL] = (struct pollfd){.fd = in.keeper.channel[0]};
	while (!is_over(&in))
		wait_for_event(&in);
	shutdown_now(in.action);
}
