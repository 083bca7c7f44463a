/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The clock that only goes forward and stands still while the machine is suspended
 * (CLOCK_MONOTONIC): for time limits, pauses and measurements. Its zero has no meaning.
 */
#ifndef WHERRY_BASE_CLOCK_H
#define WHERRY_BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline uint64_t clock_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static inline uint64_t clock_ms(void)
{
	return clock_us() / 1000;
}

#endif
