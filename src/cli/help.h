/* SPDX-License-Identifier: Apache-2.0 */
/* The help texts, made from the declarations. */
#ifndef WHERRY_CLI_HELP_H
#define WHERRY_CLI_HELP_H

#include "base/buf.h"
#include "cli/cli.h"

/* What the program is, its verbs (those of the group; "" for all) and the global options. */
void help_overview(struct buf *out, const char *group);
/* Usage, text and options of one verb. */
void help_command(struct buf *out, const struct command *c);

#endif
