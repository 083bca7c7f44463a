/* SPDX-License-Identifier: Apache-2.0 */
/* What images that are in the cache show about a configuration. */
#ifndef WHERRY_CLI_INPUT_DOUBTS_H
#define WHERRY_CLI_INPUT_DOUBTS_H

#include "cli/input.h"

/*
 * Adds doubts_find's warnings. Nothing is fetched; without a cache, or images in it, there are
 * none. files: that c was read from.
 */
void input_doubts(const struct context *ctx, const struct input_options *o,
	const char *const *files, const struct config *c, struct werr **warnings);

#endif
