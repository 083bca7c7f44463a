/* SPDX-License-Identifier: Apache-2.0 */
/* Time in milliseconds since the kernel started, which no clock setting moves. */
#ifndef WHERRY_GUEST_CLOCK_H
#define WHERRY_GUEST_CLOCK_H

#include <stdint.h>

uint64_t clock_ms(void);
/* The wall clock, in milliseconds since 1970, of a moment of clock_ms(), by what is known now. */
int64_t clock_wall(uint64_t ms);
/* "2024-05-06T07:08:09.123Z" (RFC 3339) into dst; returns dst. */
const char *clock_text(char dst[static 32], int64_t wall);

#endif
