/* SPDX-License-Identifier: Apache-2.0 */
#include "common/kept.h"

#include <fcntl.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/str.h"
#include "common/channel.h"

static void send_to_pid1(
	int channel, enum channel_kind what, const char *kind, const char *name, int fd)
{
	struct channel_message m = {.kind = what};

	if (channel >= 0 && str_format(m.name, sizeof(m.name), "%s:%s", kind, name) == 0)
		channel_send_patiently(channel, &m, fd);
}

void kept_put(int channel, const char *kind, const char *name, int fd)
{
	send_to_pid1(channel, CHANNEL_KEEP, kind, name, fd);
}

void kept_drop(int channel, const char *kind, const char *name)
{
	send_to_pid1(channel, CHANNEL_DROP, kind, name, -1);
}

int kept_descriptor(const char *number)
{
	uint64_t n;

	if (!number || str_to_u64(number, 10, &n) < 0 || n > INT32_MAX ||
		fcntl((int)n, F_SETFD, FD_CLOEXEC) < 0)
		return -1;
	return (int)n;
}

int kept_take(char **args, const char *kind, const char *name)
{
	CLEANUP(free) char *start = str_printf("%s:%s=", kind, name);

	for (; *args; args++) {
		const char *number = str_after(*args, start);

		if (number)
			return kept_descriptor(number);
	}
	return -1;
}
