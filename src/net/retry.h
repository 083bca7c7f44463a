/* SPDX-License-Identifier: Apache-2.0 */
/* Whether, and after what pause, something is tried once more. */
#ifndef WHERRY_NET_RETRY_H
#define WHERRY_NET_RETRY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

enum {
	RETRY_IN_A_ROW = 6,           /* attempts without progress */
	RETRY_IN_ALL = 100,           /* attempts, with or without progress */
	RETRY_SECONDS = 180,          /* no new attempt this long after the last progress */
	RETRY_AFTER_MAX = 60,         /* seconds; a longer Retry-After is not waited for */
	RETRY_WORTHWHILE = 256 << 10, /* bytes that count as progress */
};

/* {0} is the beginning. */
struct retry {
	unsigned in_a_row, in_all;
	uint64_t since; /* the first of those in a row, in ms; 0: none */
};

/* May a failure with this code pass by itself? Where nothing listens, something seldom does a
 * moment later. */
bool retry_code(int r);
/*
 * Before another attempt: waits, longer each time and for a random part, so that many clients do
 * not come back at once. after: Retry-After in seconds, or 0. False when there were enough attempts
 * (*ret is 0), or after Ctrl-C, with its error.
 */
bool retry_wait(struct retry *retry, uint64_t after, int *ret, struct werr **err);
enum retry_when {
	RETRY_ALWAYS,
	RETRY_AFTER_PROGRESS, /* there is another server to ask */
};
/*
 * Do a step until it succeeds or there is no hope: it is repeated when it returns -ECONNRESET,
 * -ETIMEDOUT or -EAGAIN. done (may be NULL) points at how many bytes it has moved so far.
 */
int retry_run(int (*step)(void *ctx, struct werr **err), void *ctx, const uint64_t *done,
	enum retry_when when, struct werr **err);

#endif
