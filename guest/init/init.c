/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PID 1. It sets the system up, starts the supervisor, which does all the rest, and then waits: for children that end, and for
 * the signal, or the button, that ends the machine.
 */
#include "init/init.h"

#include <errno.h>
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
#include "common/console.h"
#include "common/spawn.h"
#include "init/button.h"
#include "init/load.h"
#include "init/setup.h"
#include "init/shutdown.h"

enum {
	BUTTONS_MAX = 8,
	SUPERVISOR_SECONDS = 120, /* that it may take to stop everything */
};
static const char supervisor_path[] = "/sbin/wherry-supervisor";

struct init {
	struct pollfd fds[1 + BUTTONS_MAX]; /* signals, then power buttons */
	nfds_t n_fds;
	pid_t supervisor;                     /* 0: none */
	const struct shutdown_action *action; /* what was asked for; NULL: to run */
	double deadline;                      /* of the supervisor, once there is an action */
};

static int open_signals(void)
{
	sigset_t all;

	/* PID 1 gets no signal that it doesn't handle, but children would inherit dispositions. */
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	return signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void set_up(struct init *in)
{
	umask(022);
	setup_root();
	setup_mounts();
	setup_stdio();
	load_modules();
	setup_system();
	setup_seal_root();
	/* The kernel is to ask us, instead of rebooting on the spot. */
	reboot(RB_DISABLE_CAD);
	in->n_fds = 1 + button_open(in->fds + 1, BUTTONS_MAX);
}

static void start_supervisor(struct init *in)
{
	const char *const argv[] = {"wherry-supervisor", NULL};
	pid_t pid = spawn(supervisor_path, argv, -1);

	if (pid < 0)
		console_line("init: can't start %s: %s; nothing else runs", supervisor_path,
			strerror(-pid));
	else
		in->supervisor = pid;
}

static void reap(struct init *in)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		char how[64];

		if (pid != in->supervisor)
			continue;
		in->supervisor = 0;
		if (!in->action)
			console_line(
				"init: the supervisor ended (%s); its services go on without it",
				spawn_status(how, sizeof(how), status));
	}
}

static void ask_for(struct init *in, const struct shutdown_action *action)
{
	if (in->action)
		return;
	in->action = action;
	in->deadline = console_seconds() + SUPERVISOR_SECONDS;
	if (in->supervisor)
		kill(in->supervisor, SIGTERM);
}

static void handle_signals(struct init *in)
{
	struct signalfd_siginfo info;

	while (read(in->fds[0].fd, &info, sizeof(info)) == sizeof(info)) {
		const struct shutdown_action *action = shutdown_for_signal((int)info.ssi_signo);

		if (action)
			ask_for(in, action);
	}
	reap(in);
}

static void wait_for_event(struct init *in)
{
	int timeout = -1;

	if (in->action) {
		double left = in->deadline - console_seconds();

		timeout = left > 0 ? (int)(left * 1000) + 1 : 0;
	}
	if (poll(in->fds, in->n_fds, timeout) < 0)
		return;
	handle_signals(in);
	for (nfds_t i = 1; i < in->n_fds; i++)
		if (button_pressed(&in->fds[i]))
			ask_for(in, shutdown_for_verb("poweroff"));
}

int init_main(ATTR_UNUSED int argc, ATTR_UNUSED char **argv)
{
	struct init in = {0};

	if (getpid() != 1) {
		fprintf(stderr,
			"init: this is PID 1 of a Wherry system; it can't be started otherwise\n");
		return 1;
	}
	in.fds[0] = (struct pollfd){.fd = open_signals(), .events = POLLIN};
	set_up(&in);
	start_supervisor(&in);
	while (!in.action || (in.supervisor && console_seconds() < in.deadline))
		wait_for_event(&in);
	shutdown_now(in.action);
}
