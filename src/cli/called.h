/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the program was called. Messages, hints and help are written for the name "wherry"; what is
 * shown can be typed as it is.
 */
#ifndef WHERRY_CLI_CALLED_H
#define WHERRY_CLI_CALLED_H

#include "base/buf.h"
#include "cli/context.h"

/* The commands in an error's message and hint get name and options; also in those that follow it.
 */
void called_error(const struct called *c, struct werr *err);
/* The same of any text; owned by the caller. */
char *called_text(const struct called *c, const char *text);
/* Only the name, and the directory that is --cache's default. */
void called_help(const struct called *c, struct buf *text);

#endif
