/* SPDX-License-Identifier: Apache-2.0 */
#include "init/keeper.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "common/channel.h"
#include "common/clock.h"
#include "common/console.h"
#include "common/spawn.h"

enum { RAN_WELL_MS = 10000, DELAY_MS = 500, DELAY_MAX_MS = 30000 };
static const char path[] = "/sbin/wherry-supervisor";

uint64_t keeper_delay(unsigned n)
{
	uint64_t delay = n ? DELAY_MS : 0;

	for (unsigned i = 1; i < n && delay < DELAY_MAX_MS; i++)
		delay *= 2;
	return delay > DELAY_MAX_MS ? DELAY_MAX_MS : delay;
}

static void start(struct keeper *k)
{
	CLEANUP(strv) struct strv argv = {0};
	CLEANUP(free) int *fds = mem_new_array(int, k->store.n + 1);
	struct spawn s;
	pid_t pid;

	strv_add(&argv, "wherry-supervisor");
	strv_addf(&argv, "%d", k->channel[1]);
	store_list(&k->store, &argv, fds);
	fds[k->store.n] = k->channel[1];
	s = SPAWN(path, (const char *const *)argv.items);
	s.keep = fds;
	s.n_keep = k->store.n + 1;
	pid = spawn_run(&s);
	k->start_at = 0;
	k->started = clock_ms();
	if (pid >= 0) {
		k->pid = pid;
		/* The one before may have taken the word with it. */
		if (k->stopping)
			keeper_stop(k);
		return;
	}
	console_line("init: can't start %s: %s; nothing else runs", path, strerror(-pid));
	k->done = true;
}

void keeper_begin(struct keeper *k)
{
	k->channel[0] = k->channel[1] = -1;
	if (channel_open(k->channel) < 0)
		console_line("init: can't make a channel to the supervisor: %s", strerror(errno));
	start(k);
}

static void ended(struct keeper *k, int status)
{
	uint64_t now = clock_ms(), delay;
	char how[64];

	k->pid = 0;
	/* Only after it was told to stop does it end by itself. */
	if (status == 0 && k->stopping) {
		k->done = true;
		return;
	}
	if (now - k->started >= RAN_WELL_MS)
		k->deaths = 0;
	delay = keeper_delay(k->deaths++);
	/* Who wants the machine to end isn't made to wait. */
	if (k->stopping && delay > DELAY_MS)
		delay = DELAY_MS;
	k->start_at = now + delay;
	console_line("init: the supervisor ended (%s); its services go on, it is started again",
		spawn_status(how, sizeof(how), status));
}

/* Looked at, told, and only then reaped: so nothing is lost when there is nobody to tell, or no room. */
void keeper_reap(struct keeper *k)
{
	siginfo_t info = {0};

	k->held_up = false;
	while (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid) {
		struct channel_message m = {.kind = CHANNEL_ENDED, .pid = info.si_pid};
		int status = 0;

		m.status = info.si_code == CLD_EXITED ? (info.si_status & 0xff) << 8
						      : info.si_status & 0x7f;
		if (info.si_pid != k->pid && channel_send(k->channel[0], &m, -1) == -EAGAIN) {
			k->held_up = true;
			return;
		}
		if (waitpid(info.si_pid, &status, WNOHANG) == k->pid && k->pid)
			ended(k, status);
		info = (siginfo_t){0};
	}
}

void keeper_listen(struct keeper *k)
{
	struct channel_message m;
	int passed;

	while (channel_receive(k->channel[0], &m, &passed) > 0) {
		if (m.kind == CHANNEL_KEEP && passed >= 0)
			store_keep(&k->store, m.name, fd_steal(&passed));
		else if (m.kind == CHANNEL_DROP)
			store_drop(&k->store, m.name);
		fd_cleanup(&passed);
	}
	if (k->held_up)
		keeper_reap(k);
}

void keeper_stop(struct keeper *k)
{
	struct channel_message m = {.kind = CHANNEL_STOP};

	k->stopping = true;
	if (k->start_at)
		k->start_at = clock_ms();
	if (channel_send(k->channel[0], &m, -1) < 0 && k->pid)
		console_line("init: the supervisor can't be told to stop");
}

void keeper_tick(struct keeper *k, uint64_t now)
{
	if (k->start_at && now >= k->start_at)
		start(k);
}
