/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Milliseconds since the kernel started (CLOCK_BOOTTIME): no change of the wall clock moves them,
 * and they go on while the machine sleeps.
 */
#ifndef WHERRY_GUEST_UPTIME_H
#define WHERRY_GUEST_UPTIME_H

#include <stdint.h>

uint64_t uptime_ms(void);
/* The seconds since a moment of uptime_ms(). */
double uptime_since(uint64_t ms);
/* The wall clock at a moment of uptime_ms(), in ms since 1970, going by what the clock says now. */
int64_t uptime_wall(uint64_t ms);
/* Format a wall clock as "2024-05-06T07:08:09.123Z" (RFC 3339) in dst, which is returned. */
const char *uptime_text(char dst[static 32], int64_t wall);

#endif
