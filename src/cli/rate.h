/* SPDX-License-Identifier: Apache-2.0 */
/* How fast something goes now: over the last seconds, so that a pause soon shows. */
#ifndef WHERRY_CLI_RATE_H
#define WHERRY_CLI_RATE_H

#include <stdint.h>

struct rate {
	uint64_t began, began_done; /* the oldest moment that counts, by clock_ms() */
	uint64_t seen, seen_done;   /* what will be the oldest one next */
};

enum { RATE_SPAN_MS = 4000, RATE_LEAST_MS = 500 };

static inline void rate_begin(struct rate *r, uint64_t now, uint64_t done)
{
	*r = (struct rate){now, done, now, done};
}

static inline void rate_update(struct rate *r, uint64_t now, uint64_t done)
{
	if (now - r->seen < RATE_SPAN_MS)
		return;
	r->began = r->seen;
	r->began_done = r->seen_done;
	r->seen = now;
	r->seen_done = done;
}

/* Bytes for each second; 0: not known yet, or nothing comes. */
static inline uint64_t rate_now(const struct rate *r, uint64_t now, uint64_t done)
{
	if (now - r->began < RATE_LEAST_MS || done < r->began_done)
		return 0;
	return (done - r->began_done) * 1000 / (now - r->began);
}

#endif
