/* SPDX-License-Identifier: Apache-2.0 */
/* What `--components wherry` made of LinuxKit's images: said to people and to programs. */
#ifndef WHERRY_CLI_REPLACED_H
#define WHERRY_CLI_REPLACED_H

#include "config/config.h"

/* A line of the log for each image, once. */
void replaced_log(const struct config *c);
/* Append a line for each place: {"replaced", "component"}, or {"replaced", "why"}. */
void replaced_add_lines(const struct config *c, struct buf *out);

#endif
