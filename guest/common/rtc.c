/* SPDX-License-Identifier: Apache-2.0 */
#include "common/rtc.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/rtc.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"

int rtc_read(int64_t *ret)
{
	CLEANUP(fd) int fd = open("/dev/rtc0", O_RDONLY | O_CLOEXEC);
	struct rtc_time rtc = {0};
	struct tm tm = {0};

	if (fd < 0 || ioctl(fd, RTC_RD_TIME, &rtc) < 0)
		return -errno;
	tm.tm_year = rtc.tm_year;
	tm.tm_mon = rtc.tm_mon;
	tm.tm_mday = rtc.tm_mday;
	tm.tm_hour = rtc.tm_hour;
	tm.tm_min = rtc.tm_min;
	tm.tm_sec = rtc.tm_sec;
	*ret = timegm(&tm);
	return 0;
}
