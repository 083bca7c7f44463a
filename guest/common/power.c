/* SPDX-License-Identifier: Apache-2.0 */
#include "common/power.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/reboot.h>

#include "base/attr.h"
#include "base/str.h"

static const struct power_action actions[] = {
	{SIGUSR2, "poweroff", "power off", RB_POWER_OFF},
	{SIGUSR1, "halt", "halt", RB_HALT_SYSTEM},
	/* Also sent for the kernel's ctrl-alt-del. */
	{SIGINT, "reboot", "reboot", RB_AUTOBOOT},
	{SIGTERM, "restart", "reboot", RB_AUTOBOOT},
};

const struct power_action *power_for_signal(int signal, bool in_container)
{
	if (in_container && signal == SIGTERM)
		return power_for_verb("poweroff");
	for (size_t i = 0; i < ARRAY_SIZE(actions); i++)
		if (actions[i].signal == signal)
			return &actions[i];
	return NULL;
}

const struct power_action *power_for_verb(const char *verb)
{
	for (size_t i = 0; i < ARRAY_SIZE(actions); i++)
		if (str_eq(actions[i].verb, verb))
			return &actions[i];
	return NULL;
}

int power_ask(const struct power_action *action)
{
	return kill(1, action->signal) < 0 ? -errno : 0;
}

int power_main(ATTR_UNUSED int argc, char **argv)
{
	const char *slash = strrchr(argv[0], '/'), *verb = slash ? slash + 1 : argv[0];
	const struct power_action *action = power_for_verb(verb);
	int r = action ? power_ask(action) : -EINVAL;

	if (r < 0)
		fprintf(stderr, "%s: can't signal PID 1: %s\n", verb, strerror(-r));
	return r < 0;
}
