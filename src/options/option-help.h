/* SPDX-License-Identifier: Apache-2.0 */
/* The help for options, made from their declarations. */
#ifndef WHERRY_OPTIONS_OPTION_HELP_H
#define WHERRY_OPTIONS_OPTION_HELP_H

#include "base/buf.h"
#include "options/option.h"

/* Append a section "TITLE:" with the options of all groups; nothing when there are none. */
void option_help(struct buf *out, const char *title, const struct option_group *groups);

#endif
