/* SPDX-License-Identifier: Apache-2.0 */
#include "service/env.h"

#include <stdlib.h>

#include "base/mem.h"
#include "common/channel.h"
#include "common/cmdline.h"
#include "common/console.h"

enum { LOG_KIB = 64, LOG_KIB_MAX = 64 * 1024, ONBOOT_SECONDS = 300, LIMIT_MAX = 24 * 3600 };

void env_read(struct env *env, const char *cmdline)
{
	CLEANUP(free) char *onfail = cmdline_value(cmdline, "wherry.onfail");

	env->console = cmdline_flag(cmdline, "wherry.console") ||
		       cmdline_flag(cmdline, "linuxkit.runc_console");
	env->debug = cmdline_flag(cmdline, "wherry.debug");
	env->runtime_debug = env->debug || cmdline_flag(cmdline, "linuxkit.runc_debug");
	env->log_files = cmdline_flag(cmdline, "wherry.log-files");
	env->log_size = (size_t)cmdline_number(cmdline, "wherry.log-size", LOG_KIB, LOG_KIB_MAX)
			<< 10;
	env->onboot_limit =
		cmdline_number(cmdline, "wherry.onboot-timeout", ONBOOT_SECONDS, LIMIT_MAX) * 1000;
	env->onfail = onfail ? policy_onfail(onfail) : POLICY_ONFAIL_CONTINUE;
	if (env->onfail == POLICY_ONFAIL_UNSET) {
		console_line(
			"wherry.onfail is continue, reboot, poweroff or shell, not %s", onfail);
		env->onfail = POLICY_ONFAIL_CONTINUE;
	}
}

void env_note_stranger(struct env *env, pid_t pid, int status)
{
	env->strangers[env->n_strangers++ % STRANGERS_MAX] = (struct stranger){pid, status};
}

bool env_know_stranger(const struct env *env, pid_t pid, int *ret)
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

static void tell(
	const struct env *env, enum channel_kind what, const char *kind, const char *name, int fd)
{
	struct channel_message m = {.kind = what};

	if (env->channel >= 0 && str_format(m.name, sizeof(m.name), "%s:%s", kind, name) == 0)
		channel_send_patiently(env->channel, &m, fd);
}

void env_keep(const struct env *env, const char *kind, const char *name, int fd)
{
	tell(env, CHANNEL_KEEP, kind, name, fd);
}

void env_drop(const struct env *env, const char *kind, const char *name)
{
	tell(env, CHANNEL_DROP, kind, name, -1);
}
