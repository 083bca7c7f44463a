/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program host-timesync-daemon, LinuxKit's name: sets the clock by the hardware clock, which is
 * the host's, whenever the host connects to a port of vsock.
 */
#ifndef WHERRY_GUEST_TIMESYNC_H
#define WHERRY_GUEST_TIMESYNC_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct timesync {
	uint32_t port;
	bool local; /* also for this machine's own programs */
};

/* Read -port PORT [-local]. WERR_USAGE. */
int timesync_parse(int argc, char **argv, struct timesync *ret, struct werr **err);

/*
 * Until SIGTERM or SIGINT. A clock that is right to the second, which is all that the hardware
 * clock counts, is left alone. The connection is closed when that is done.
 */
int timesync_main(int argc, char **argv);

#endif
