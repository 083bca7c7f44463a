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
#include "common/console.h"
#include "common/spawn.h"
#include "common/uptime.h"

enum {
	RAN_WELL_MS = 10000,
	DELAY_MS = 500,
	DELAY_MAX_MS = 30000,
	ASK_MS = 10000,     /* between two pings; */
	ASK_SOON_MS = 3000, /* ... while the machine is shutting down */
	UNANSWERED_MAX = 2,
	DIE_MS = 2000,     /* time for a killed supervisor to be gone */
	GIVE_UP_MS = 5000, /* on starting it, while the machine is shutting down */
	/* Bounds, so that children that end in an endless stream block nothing else. */
	REAPED_AT_ONCE = 256,
	HEARD_AT_ONCE = 256,
};

uint64_t keeper_delay(unsigned n)
{
	uint64_t delay = n ? DELAY_MS : 0;

	for (unsigned i = 1; i < n && delay < DELAY_MAX_MS; i++)
		delay *= 2;
	return delay > DELAY_MAX_MS ? DELAY_MAX_MS : delay;
}

/* A shutdown must not be delayed for long. */
static uint64_t delay_now(const struct keeper *k, unsigned n)
{
	uint64_t delay = keeper_delay(n);

	return k->stopping && delay > DELAY_MS ? DELAY_MS : delay;
}

/* ---- messages to the supervisor ---- */

static bool send_ends(struct keeper *k)
{
	struct channel_message m = {.kind = CHANNEL_ENDED};

	m.n = k->n_ended < CHANNEL_ENDS_MAX ? (uint32_t)k->n_ended : CHANNEL_ENDS_MAX;
	memcpy(m.ends, k->ended, m.n * sizeof(*m.ends));
	if (channel_send(k->channel[0], &m, -1) < 0)
		return false;
	k->n_ended -= m.n;
	memmove(k->ended, k->ended + m.n, k->n_ended * sizeof(*k->ended));
	return true;
}

/* False: the channel is full. */
static bool send_word(struct keeper *k, bool *untold, enum channel_kind kind)
{
	struct channel_message m = {.kind = kind};

	if (*untold && channel_send(k->channel[0], &m, -1) < 0)
		return false;
	*untold = false;
	return true;
}

static void report(struct keeper *k)
{
	bool all = send_word(k, &k->stop_unsent, CHANNEL_STOP);

	while (all && k->n_ended)
		all = send_ends(k);
	k->channel_full = !all || !send_word(k, &k->lost, CHANNEL_LOST);
}

/* ---- starting ---- */

static pid_t spawn_supervisor(struct keeper *k)
{
	CLEANUP(strv) struct strv argv = {0};
	CLEANUP(free) int *fds = mem_new_array(int, k->store.n + 1);
	struct spawn s;

	strv_add(&argv, "wherry-supervisor");
	strv_addf(&argv, "%d", k->channel[1]);
	fdstore_list(&k->store, &argv, fds);
	fds[k->store.n] = k->channel[1];
	s = SPAWN(k->program, (const char *const *)argv.items);
	s.keep = fds;
	s.n_keep = k->store.n + 1;
	return spawn_run(&s);
}

/*
 * The machine may be out of processes or memory only for a moment, so try for as long as it takes.
 */
static void not_started(struct keeper *k, int error)
{
	bool may_pass = error == EAGAIN || error == ENOMEM;
	uint64_t now = uptime_ms(), delay = delay_now(k, ++k->deaths);

	if (k->stopping && (!may_pass || now - k->stop_began >= GIVE_UP_MS)) {
		console_line("init: can't start %s: %s; shutting down without it", k->program,
			strerror(error));
		k->done = true;
		return;
	}
	console_line("init: can't start %s: %s; nothing else runs, trying again in %.1f s",
		k->program, strerror(error), (double)delay / 1000);
	k->start_at = now + delay;
}

static void start(struct keeper *k)
{
	pid_t pid = spawn_supervisor(k);

	k->start_at = 0;
	k->started = uptime_ms();
	k->unanswered = 0;
	k->ask_at = k->started + ASK_MS;
	if (pid < 0) {
		k->pid = 0;
		not_started(k, -pid);
		return;
	}
	k->pid = pid;
	/* Its predecessor may have read the message and died. */
	k->stop_unsent = k->stopping;
	report(k);
}

void keeper_begin(struct keeper *k, const char *program)
{
	k->program = program;
	k->channel[0] = k->channel[1] = -1;
	if (channel_open(k->channel) < 0)
		console_line("init: can't create a channel to the supervisor: %s", strerror(errno));
	start(k);
}

/* ---- children ---- */

static void ended(struct keeper *k, int status)
{
	uint64_t now = uptime_ms();
	char how[64];

	k->pid = 0;
	/* It ends by itself only after it was told to stop. */
	if (status == 0 && k->stopping) {
		k->done = true;
		return;
	}
	if (now - k->started >= RAN_WELL_MS)
		k->deaths = 0;
	k->start_at = now + delay_now(k, k->deaths++);
	console_line("init: the supervisor ended (%s); its services keep running; restarting it",
		spawn_status(how, sizeof(how), status));
}

/* The supervisor comes first, since there may be no end of other children to reap. */
static void look_at_supervisor(struct keeper *k)
{
	int status = 0;

	if (!k->pid || waitpid(k->pid, &status, WNOHANG | WUNTRACED) != k->pid)
		return;
	if (!WIFSTOPPED(status)) {
		ended(k, status);
		return;
	}
	console_line("init: the supervisor was stopped by a signal; continuing it");
	kill(k->pid, SIGCONT);
}

bool keeper_reap(struct keeper *k)
{
	int status, n = 0;
	pid_t pid;

	look_at_supervisor(k);
	for (; n < REAPED_AT_ONCE && (pid = waitpid(-1, &status, WNOHANG)) > 0; n++) {
		if (pid == k->pid)
			ended(k, status);
		else if (k->n_ended < KEEPER_ENDS_MAX)
			k->ended[k->n_ended++] = (struct channel_end){pid, status};
		else
			k->lost = true;
	}
	report(k);
	return n == REAPED_AT_ONCE;
}

void keeper_listen(struct keeper *k)
{
	struct channel_message m;
	int passed;

	for (int n = 0; n < HEARD_AT_ONCE && channel_receive(k->channel[0], &m, &passed) > 0; n++) {
		if (m.kind == CHANNEL_KEEP && passed >= 0)
			fdstore_keep(&k->store, m.name, fd_steal(&passed));
		else if (m.kind == CHANNEL_DROP)
			fdstore_drop(&k->store, m.name);
		else if (m.kind == CHANNEL_ALIVE)
			k->unanswered = 0;
		fd_cleanup(&passed);
	}
	report(k);
}

void keeper_stop(struct keeper *k)
{
	k->stopping = k->stop_unsent = true;
	k->stop_began = k->ask_at = uptime_ms();
	if (k->start_at)
		k->start_at = k->stop_began;
	report(k);
}

/* ---- pings ---- */

/*
 * A supervisor does nothing more once it has been sent SIGKILL, so the next may start even if this
 * one cannot end, because it waits for a dead disk.
 */
static void replace(struct keeper *k, uint64_t now)
{
	console_line("init: the supervisor does not answer; killing and restarting it");
	kill(k->pid, SIGKILL);
	k->start_at = now + DIE_MS;
	k->ask_at = now + ASK_MS;
	k->unanswered = 0;
}

/* Unanswered pings are counted rather than timed: a machine that was suspended has not waited. */
static void ask(struct keeper *k, uint64_t now)
{
	const struct channel_message m = {.kind = CHANNEL_PING};

	if (k->unanswered == UNANSWERED_MAX) {
		replace(k, now);
		return;
	}
	channel_send(k->channel[0], &m, -1);
	k->unanswered++;
	k->ask_at = now + (k->stopping ? ASK_SOON_MS : ASK_MS);
}

void keeper_tick(struct keeper *k, uint64_t now)
{
	if (k->start_at && now >= k->start_at)
		start(k);
	if (k->pid && now >= k->ask_at)
		ask(k, now);
}

uint64_t keeper_deadline(const struct keeper *k)
{
	if (k->start_at && (!k->pid || k->start_at < k->ask_at))
		return k->start_at;
	return k->pid ? k->ask_at : 0;
}
