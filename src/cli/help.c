/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/help.h"

#include <string.h>

#include "cli/lookup.h"
#include "options/option-help.h"
#include "options/wrap.h"

static const char for_all[] =
	"\nAll verbs have --json, --quiet and more: `wherry help` lists these.\n";

void help_command(struct buf *out, const struct command *c)
{
	buf_printf(out, "usage: wherry %s [OPTION...]%s%s\n\n", c->name, *c->operands ? " " : "",
		c->operands);
	wrap_add(out, c->summary, 0);
	if (c->text) {
		buf_putc(out, '\n');
		wrap_add(out, c->text, 0);
	}
	option_help(out, "Options", c->options);
	buf_puts(out, for_all);
}

void help_overview(struct buf *out, const char *group)
{
	size_t column = 0;

	buf_printf(out, "usage: wherry [OPTION...] %s%sVERB [ARGUMENT...]\n\n", group,
		*group ? " " : "");
	if (!*group)
		wrap_add(out,
			"Builds lean, immutable Linux systems out of OCI images: one YAML file "
			"in, a bootable image out.\n",
			0);
	buf_puts(out, *group ? "Verbs:\n" : "\nVerbs:\n");
	for (size_t i = 0; commands[i]; i++)
		if (command_in_group(commands[i], group) && strlen(commands[i]->name) > column)
			column = strlen(commands[i]->name);
	for (size_t i = 0; commands[i]; i++) {
		if (!command_in_group(commands[i], group))
			continue;
		buf_printf(out, "  %s", commands[i]->name);
		wrap_add(out, commands[i]->summary, column + 4);
	}
	if (*group)
		buf_puts(out, for_all);
	else
		option_help(out, "Options", global_options);
	buf_puts(out, "\n'wherry help VERB' describes one of them in full.\n");
}
