/* SPDX-License-Identifier: Apache-2.0 */
/* config.json's linux.seccomp: runtime-spec config-linux.md "Seccomp". */
#include "base/str.h"
#include "config/internal.h"
#include "config/seccomp.h"
#include "config/settings.h"
#include "config/values.h"

/* Services have the default profile, unless they are as mighty as the machine's own root anyway. */
static bool is_default(const struct settings *s, uint64_t capabilities)
{
	return !s->config->compat && s->entry->section == CONFIG_SERVICES &&
	       capabilities != CAPABILITIES_ALL;
}

void spec_write_seccomp(struct json_writer *w, const struct settings *s)
{
	const struct settings wherry = setting_map(s, "wherry");
	const struct node *asked = setting(&wherry, "seccomp");
	uint64_t capabilities = spec_capabilities(s);

	if (asked ? str_eq(asked->text, "none") : !is_default(s, capabilities))
		return;
	json_key(w, "seccomp");
	if (asked && seccomp_is_file(asked->text))
		json_node(w, config_profile_of(s->config, asked)->root);
	else
		seccomp_write_default(w, s->image->platform.arch, capabilities);
}
