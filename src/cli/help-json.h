/* SPDX-License-Identifier: Apache-2.0 */
/* The help for programs: of each verb its words, operands and options. */
#ifndef WHERRY_CLI_HELP_JSON_H
#define WHERRY_CLI_HELP_JSON_H

#include "base/buf.h"
#include "cli/cli.h"

/* A verb as a line with an object. */
void help_json_command(struct buf *out, const struct command *c);
/* The verbs of a group; for "" after an object with the options that all have. */
void help_json_group(struct buf *out, const char *group);

#endif
