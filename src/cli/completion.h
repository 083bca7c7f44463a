/* SPDX-License-Identifier: Apache-2.0 */
/* What could come next on a command line. The scripts for the shells only ask for it and show it.
 */
#ifndef WHERRY_CLI_COMPLETION_H
#define WHERRY_CLI_COMPLETION_H

#include "base/buf.h"
#include "cli/context.h"

/*
 * words: the command line without the program's name, the last word being typed (it may be "");
 * NULL ends them. Appends a line for each candidate, "WORD" or "WORD<TAB>DESCRIPTION", or the line
 * ":files", ":yaml" or ":directories" where the shell is to complete a path. The images are those
 * of the cache that the words name, else of the context's.
 */
void completion_candidates(struct context *ctx, struct buf *out, const char *const *words);

/* The script for "bash", "zsh" or "fish"; NULL for another shell. */
const char *completion_script(const char *shell);
/* Their names; NULL ends them. */
const char *const *completion_shells(void);

#endif
