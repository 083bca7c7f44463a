/* SPDX-License-Identifier: Apache-2.0 */
/* The scripts in shells/, and which shell each is for. */
#include "base/str.h"
#include "cli/completion.h"

/* Made by tools/embed. */
extern const char completion_bash_text[], completion_zsh_text[], completion_fish_text[];

static const char *const shells[] = {"bash", "zsh", "fish", NULL};
static const char *const scripts[] = {
	completion_bash_text, completion_zsh_text, completion_fish_text};

const char *const *completion_shells(void)
{
	return shells;
}

const char *completion_script(const char *shell)
{
	for (size_t i = 0; shells[i]; i++)
		if (str_eq(shells[i], shell))
			return scripts[i];
	return NULL;
}
