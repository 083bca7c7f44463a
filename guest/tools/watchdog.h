/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program watchdog: keeps a watchdog from restarting the machine as long as a check succeeds
 * (the kernel's watchdog/watchdog-api).
 */
#ifndef WHERRY_GUEST_WATCHDOG_H
#define WHERRY_GUEST_WATCHDOG_H

#include <stdint.h>

#include "base/error.h"
#include "base/str.h"

struct watchdog {
	const char *device;
	uint64_t timeout_ms;  /* after which it restarts the machine; whole seconds */
	uint64_t interval_ms; /* between checks, each of which takes as long at most */
};

/*
 * Read [-device PATH] [-timeout TIME] [-interval TIME] [-- CHECK...]; *words gets the program to
 * run and its arguments: none: nothing is checked. WERR_USAGE.
 */
int watchdog_parse(
	int argc, char **argv, struct strv *words, struct watchdog *ret, struct werr **err);
int watchdog_main(int argc, char **argv);

#endif
