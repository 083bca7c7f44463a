/* SPDX-License-Identifier: Apache-2.0 */
#include "common/env.h"

#include <stdlib.h>

#include "base/mem.h"
#include "common/cmdline.h"
#include "common/console.h"

enum {
	LOG_KIB = 64,
	LOG_KIB_MAX = WHERRY_LOG_SIZE_MAX >> 10,
	ONBOOT_SECONDS = 300,
	LIMIT_MAX = 24 * 3600
};

void env_read(struct env *env, const char *cmdline)
{
	CLEANUP(free) char *onfail = cmdline_value(cmdline, "wherry.onfail");

	env->console = cmdline_flag(cmdline, "wherry.console") ||
		       cmdline_flag(cmdline, "linuxkit.runc_console");
	env->debug = cmdline_flag(cmdline, "wherry.debug");
	env->runtime_debug = env->debug || cmdline_flag(cmdline, "linuxkit.runc_debug");
	env->log_size = (size_t)cmdline_number(cmdline, "wherry.log-size", LOG_KIB, LOG_KIB_MAX)
			<< 10;
	env->onboot_limit =
		cmdline_number(cmdline, "wherry.onboot-timeout", ONBOOT_SECONDS, LIMIT_MAX) * 1000;
	env->onfail = POLICY_ONFAIL_CONTINUE;
	if (onfail && contract_word(contract_onfails, onfail) < 0)
		console_line("wherry.onfail must be continue, reboot, poweroff or shell, not %s",
			onfail);
	else if (onfail)
		env->onfail = (enum policy_onfail)contract_word(contract_onfails, onfail);
}

void env_note_stranger(struct env *env, pid_t pid, int status)
{
	env->strangers[env->n_strangers++ % STRANGERS_MAX] = (struct stranger){pid, status};
}

bool env_find_stranger(const struct env *env, pid_t pid, int *ret)
{
	size_t n = env->n_strangers < STRANGERS_MAX ? env->n_strangers : STRANGERS_MAX;

	for (size_t i = 1; i <= n; i++) {
		const struct stranger *s = &env->strangers[(env->n_strangers - i) % STRANGERS_MAX];

		if (s->pid != pid)
			continue;
		*ret = s->status;
		return true;
	}
	return false;
}
