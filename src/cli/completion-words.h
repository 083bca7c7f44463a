/* SPDX-License-Identifier: Apache-2.0 */
/* What the help's words for operands and values stand for: IMAGE, FILE, ARCH... */
#ifndef WHERRY_CLI_COMPLETION_WORDS_H
#define WHERRY_CLI_COMPLETION_WORDS_H

#include "base/buf.h"
#include "cli/context.h"

/*
 * Append the candidates for one word of the help, such as "IMAGE" or "DIR"; false when there is
 * nothing to say about it. before: what precedes the value in the word that is typed, "--for=".
 */
bool completion_word(struct context *ctx, struct buf *out, const char *word, const char *before,
	const char *typed);

#endif
