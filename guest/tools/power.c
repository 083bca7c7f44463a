/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/power.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/attr.h"
#include "init/shutdown.h"

int power_main(ATTR_UNUSED int argc, char **argv)
{
	const char *slash = strrchr(argv[0], '/'), *verb = slash ? slash + 1 : argv[0];
	const struct shutdown_action *action = shutdown_for_verb(verb);

	if (!action || kill(1, action->signal) < 0) {
		fprintf(stderr, "%s: can't tell PID 1: %s\n", verb, strerror(errno));
		return 1;
	}
	return 0;
}
