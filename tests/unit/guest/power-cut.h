/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A power cut after so many writes of the test's program, by a pwrite() in place of libc's. Of the
 * write that is cut off, each sector is there or not: a disk promises no more.
 */
#ifndef WHERRY_TESTS_UNIT_GUEST_POWER_CUT_H
#define WHERRY_TESTS_UNIT_GUEST_POWER_CUT_H

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

enum { POWER_CUT_NEVER = 1000, POWER_CUT_SECTOR = 512 };

/* How many writes are done before the power is cut. */
static int power_cut_left = POWER_CUT_NEVER;
/* Which sectors of the next one are there: bit n % 64 for sector n. */
static uint64_t power_cut_kept;

ssize_t pwrite64(int fd, const void *p, size_t size, off64_t at)
{
	if (power_cut_left-- > 0)
		return syscall(SYS_pwrite64, fd, p, size, at);
	for (size_t n = 0; power_cut_left == -1 && n * POWER_CUT_SECTOR < size; n++) {
		size_t from = n * POWER_CUT_SECTOR, left = size - from;
		size_t some = left < POWER_CUT_SECTOR ? left : POWER_CUT_SECTOR;

		if (power_cut_kept >> n % 64 & 1)
			syscall(SYS_pwrite64, fd, (const char *)p + from, some, at + (off64_t)from);
	}
	errno = EIO;
	return -1;
}

static inline void power_cut_after(int writes, uint64_t kept)
{
	power_cut_left = writes;
	power_cut_kept = kept;
}

/* From here on all writes are done. True: the power was cut. */
static inline bool power_cut_end(void)
{
	bool was_cut = power_cut_left < 0;

	power_cut_left = POWER_CUT_NEVER;
	return was_cut;
}

#endif
