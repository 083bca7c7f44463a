/* SPDX-License-Identifier: Apache-2.0 */
/* The help texts, made from the declarations. */
#ifndef WHERRY_CLI_HELP_H
#define WHERRY_CLI_HELP_H

#include "base/buf.h"
#include "cli/cli.h"

enum { HELP_WIDTH = 80 };

/* What the program is, its verbs (those of the group; "" for all) and the global options. */
void help_overview(struct buf *out, const char *group);
/* Usage, text and options of one verb. */
void help_command(struct buf *out, const struct command *c);

/*
 * Append text, wrapped at HELP_WIDTH, each line from the given column on; the first line continues
 * the one that `out` ends with. An empty line separates paragraphs; a line that begins with a blank
 * stays as it is.
 */
void help_wrap(struct buf *out, const char *text, size_t column);

#endif
