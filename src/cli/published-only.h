/* SPDX-License-Identifier: Apache-2.0 */
/* --published-only: removes from the cache only what can be had again. */
#ifndef WHERRY_CLI_PUBLISHED_ONLY_H
#define WHERRY_CLI_PUBLISHED_ONLY_H

#include "cli/context.h"

struct published_options {
	bool only;
};
extern const struct option published_options[];

/*
 * Remove images that their registries have, too: those that the operands (NULL ends them) mean, or
 * all of them when operands is NULL. The log says which ones stay, and why.
 */
int published_remove(
	struct context *ctx, struct store *store, const char *const *operands, struct werr **err);

#endif
