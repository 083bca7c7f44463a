/* SPDX-License-Identifier: Apache-2.0 */
/* A PID 1 that says when it was started and what memory is free then, and ends the machine. */
#include <stdio.h>
#include <sys/reboot.h>
#include <sys/sysinfo.h>
#include <time.h>

int main(void)
{
	struct timespec now;
	struct sysinfo memory;

	if (clock_gettime(CLOCK_BOOTTIME, &now) < 0 || sysinfo(&memory) < 0)
		return 1;
	printf("started at %lld ms, %lu of %lu KiB free\n",
		(long long)now.tv_sec * 1000 + now.tv_nsec / 1000000, memory.freeram / 1024,
		memory.totalram / 1024);
	fflush(stdout);
	return reboot(RB_POWER_OFF);
}
