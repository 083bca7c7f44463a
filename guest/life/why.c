/* SPDX-License-Identifier: Apache-2.0 */
#include "life/why.h"

#include <signal.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/str.h"
#include "common/uptime.h"

enum { TEXT_MAX = 1024 };

static double seconds_until(uint64_t ms)
{
	uint64_t now = uptime_ms();

	return ms > now ? (double)(ms - now) / 1000 : 0;
}

const char *why_it_blocks(const struct container *c)
{
	static const char *const words[] = {
		[LIFE_WAITING] = "waits itself",
		[LIFE_BACKOFF] = "failed and is to be started again",
		[LIFE_ENDING] = "is being ended",
		[LIFE_STOPPING] = "is being stopped",
		[LIFE_FAILED] = "failed",
		[LIFE_STOPPED] = "was stopped",
		[LIFE_UNHEALTHY] = "is unhealthy",
	};
	enum life_state state = c->record.state;

	return state < ARRAY_SIZE(words) && words[state] ? words[state] : "is not ready yet";
}

/* The first one that it waits for. */
static void put_waiting(struct buf *out, const struct containers *all, const struct container *c)
{
	const char *name;

	STRV_FOREACH (name, &c->spec->policy.after) {
		const struct container *other = containers_find(all, name);

		if (!other || container_may_be_followed(other))
			continue;
		buf_printf(out, "waits for %s, which %s", other->name, why_it_blocks(other));
		return;
	}
}

static void put_health(struct buf *out, const struct container *c)
{
	if (!c->health.container)
		return;
	buf_puts(out, c->record.state == LIFE_UNHEALTHY ? "unhealthy" : "not healthy yet");
	if (*c->health.said)
		buf_printf(out, ": %s", c->health.said);
}

static void put_stopping(struct buf *out, const struct container *c)
{
	if (!c->run.stop_began)
		return;
	buf_printf(out, "%s %.1f s ago",
		c->run.ignores_signal ? "SIGKILL" : container_stop_signal(c),
		uptime_since(c->run.stop_began));
	if (c->run.stop_signal != SIGKILL && c->due)
		buf_printf(out, ", SIGKILL follows in %.1f s", seconds_until(c->due));
	else if (!c->run.ignores_signal)
		buf_puts(out, ", then SIGKILL");
}

char *why_state(const struct containers *all, const struct container *c)
{
	CLEANUP(buf) struct buf out = BUF_INIT(TEXT_MAX);
	enum life_state state = c->record.state;

	if (state == LIFE_WAITING)
		put_waiting(&out, all, c);
	else if (state == LIFE_RUNNING || state == LIFE_UNHEALTHY)
		put_health(&out, c);
	else if (state == LIFE_ENDING || state == LIFE_STOPPING)
		put_stopping(&out, c);
	else if (state == LIFE_FAILED || state == LIFE_STOPPED || state == LIFE_BACKOFF)
		buf_puts(&out, c->record.why);
	return buf_steal(&out);
}
