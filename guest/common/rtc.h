/* SPDX-License-Identifier: Apache-2.0 */
/* The machine's hardware clock, /dev/rtc0, which counts whole seconds of UTC (rtc(4)). */
#ifndef WHERRY_GUEST_RTC_H
#define WHERRY_GUEST_RTC_H

#include <stdint.h>

/* Seconds since 1970. 0, or -errno: there is no such clock, or it can't be read. */
int rtc_read(int64_t *ret);

#endif
