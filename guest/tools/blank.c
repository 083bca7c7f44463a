/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/blank.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/io.h"
#include "base/mem.h"

enum { AT_ONCE = 64 << 10 };

int blank_find(int fd, uint64_t at, uint64_t size, uint64_t *ret_at)
{
	CLEANUP(free) unsigned char *bytes = mem_alloc(AT_ONCE);

	while (size) {
		size_t want = size < AT_ONCE ? (size_t)size : AT_ONCE;
		ssize_t n = pread(fd, bytes, want, (off_t)at);

		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		if (!io_is_zeros(bytes, (size_t)n)) {
			size_t i = 0;

			while (!bytes[i])
				i++;
			*ret_at = at + i;
			return 1;
		}
		at += (uint64_t)n;
		size -= (uint64_t)n;
	}
	return 0;
}
