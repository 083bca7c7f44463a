/* SPDX-License-Identifier: Apache-2.0 */
#include "net/retry.h"

#include <errno.h>
#include <sys/random.h>

#include "base/cancel.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"

enum { FIRST_PAUSE_MS = 200, LONGEST_PAUSE_MS = 10 * 1000 };

bool retry_code(int r)
{
	return r == -ECONNRESET || r == -ETIMEDOUT;
}

/* Between a half of it and all of it. */
static uint64_t by_chance(uint64_t ms)
{
	uint16_t chance = 0;

	if (getrandom(&chance, sizeof(chance), GRND_NONBLOCK) < 0)
		return ms;
	return ms / 2 + ms / 2 * chance / UINT16_MAX;
}

bool retry_wait(struct retry *retry, uint64_t after, int *ret, struct werr **err)
{
	uint64_t ms = (uint64_t)FIRST_PAUSE_MS << retry->in_a_row;

	*ret = 0;
	if (!retry->since)
		retry->since = clock_ms();
	if (++retry->in_a_row >= RETRY_IN_A_ROW || ++retry->in_all >= RETRY_IN_ALL ||
		after > RETRY_AFTER_MAX || clock_ms() - retry->since > RETRY_SECONDS * 1000)
		return false;
	ms = by_chance(ms < LONGEST_PAUSE_MS ? ms : LONGEST_PAUSE_MS);
	if (ms < after * 1000)
		ms = after * 1000 + ms / 10;
	/* The pause that the server asked for does not count. */
	retry->since += after * 1000;
	log_debug("another attempt in %u ms", (unsigned)ms);
	*ret = cancel_pause(ms, err);
	return *ret == 0;
}

int retry_run(int (*step)(void *ctx, struct werr **err), void *ctx, const uint64_t *done,
	enum retry_when when, struct werr **err)
{
	struct retry retry = {0};

	for (;;) {
		CLEANUP(werr) struct werr *why = NULL;
		uint64_t before = done ? *done : 0;
		int r = step(ctx, &why), waited = 0;
		bool worthwhile = done && *done > before && *done - before >= RETRY_WORTHWHILE;

		if ((r == -EAGAIN || retry_code(r)) && (worthwhile || when == RETRY_ALWAYS)) {
			log_debug("%s", why ? why->message : "");
			if (worthwhile) {
				retry.in_a_row = 0;
				retry.since = 0;
			}
			if (retry_wait(&retry, 0, &waited, err))
				continue;
			if (waited < 0)
				return waited;
		}
		werr_pass(err, STEAL(why));
		return r;
	}
}
