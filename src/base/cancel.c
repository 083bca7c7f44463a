/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cancel.h"

#include <poll.h>
#include <stdatomic.h>

#include "base/clock.h"

enum { TICK_MS = 50 };

static atomic_bool requested;

void cancel_request(void)
{
	atomic_store(&requested, true);
}

bool cancel_requested(void)
{
	return atomic_load(&requested);
}

int cancel_check(struct werr **err)
{
	return cancel_requested() ? werr_set(err, WERR_CANCELLED, "interrupted") : 0;
}

int cancel_pause(uint64_t ms, struct werr **err)
{
	uint64_t until = clock_ms() + ms, now;

	while ((now = clock_ms()) < until) {
		int r = cancel_check(err);

		if (r < 0)
			return r;
		poll(NULL, 0, until - now < TICK_MS ? (int)(until - now) : TICK_MS);
	}
	return cancel_check(err);
}
