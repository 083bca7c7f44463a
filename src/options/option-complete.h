/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Candidates for the completion of a command line, a line each: "WORD" or "WORD<TAB>DESCRIPTION",
 * or ":files" or ":directories" where the shell is to complete a path.
 */
#ifndef WHERRY_OPTIONS_OPTION_COMPLETE_H
#define WHERRY_OPTIONS_OPTION_COMPLETE_H

#include "base/buf.h"
#include "options/option.h"

/* Append a word, if it begins with what was typed; description: NULL for none. */
void option_complete_word(
	struct buf *out, const char *typed, const char *word, const char *description);
/* Append a path, if what the help calls a value or operand ("FILE", "DIR") stands for one. */
void option_complete_path(struct buf *out, const char *called);
/* Append the options of the groups. */
void option_complete_names(struct buf *out, const char *typed, const struct option_group *groups);
/* Append what the value of an option can be. */
void option_complete_values(struct buf *out, const char *typed, const struct option *o);

#endif
