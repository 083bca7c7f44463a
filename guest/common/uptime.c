/* SPDX-License-Identifier: Apache-2.0 */
#include "common/uptime.h"

#include <time.h>

#include "base/str.h"
#include "base/utc.h"

static int64_t now_ms(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

uint64_t uptime_ms(void)
{
	return (uint64_t)now_ms(CLOCK_BOOTTIME);
}

double uptime_since(uint64_t ms)
{
	return (double)(uptime_ms() - ms) / 1000;
}

int64_t uptime_wall(uint64_t ms)
{
	return now_ms(CLOCK_REALTIME) - now_ms(CLOCK_BOOTTIME) + (int64_t)ms;
}

const char *uptime_text(char dst[static 32], int64_t wall)
{
	struct tm tm = {0};

	(void)utc_from(wall / 1000, &tm);
	str_format(dst, 32, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", tm.tm_year + 1900, tm.tm_mon + 1,
		tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, (int)(wall % 1000));
	return dst;
}
