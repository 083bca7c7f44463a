/* SPDX-License-Identifier: Apache-2.0 */
#include "service/kept.h"

#include <fcntl.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/str.h"

int kept_descriptor(const char *text)
{
	uint64_t n;

	if (!text || str_to_u64(text, 10, &n) < 0 || n > INT32_MAX ||
		fcntl((int)n, F_SETFD, FD_CLOEXEC) < 0)
		return -1;
	return (int)n;
}

int kept_take(char **kept, const char *kind, const char *name)
{
	CLEANUP(free) char *start = str_printf("%s:%s=", kind, name);

	for (; *kept; kept++) {
		const char *number = str_after(*kept, start);

		if (number)
			return kept_descriptor(number);
	}
	return -1;
}
