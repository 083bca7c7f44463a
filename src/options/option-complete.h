/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Candidates for the completion of a command line, a line each: "WORD" or "WORD<TAB>DESCRIPTION".
 */
#ifndef WHERRY_OPTIONS_OPTION_COMPLETE_H
#define WHERRY_OPTIONS_OPTION_COMPLETE_H

#include "base/buf.h"
#include "options/option.h"

/* Append a word, if it begins with what was typed; description: NULL for none. */
void option_complete_word(
	struct buf *out, const char *typed, const char *word, const char *description);
/* Append the options of the groups. */
void option_complete_names(struct buf *out, const char *typed, const struct option_group *groups);
/*
 * Append what the value of an option can be; false when it has no choices. before: what precedes
 * the value in the same word, "--format=".
 */
bool option_complete_values(
	struct buf *out, const char *before, const char *typed, const struct option *o);

#endif
