/* SPDX-License-Identifier: Apache-2.0 */
/* Making the component images that a configuration needs. */
#ifndef WHERRY_CLI_COMPONENT_MAKE_H
#define WHERRY_CLI_COMPONENT_MAKE_H

#include "cli/context.h"
#include "cli/input.h"
#include "resolve/resolve.h"

struct component_make_options {
	bool off;
};
extern const struct option component_make_options[]; /* for a struct component_make_options */

/*
 * Make the images of the configuration's packages that are not in the store, several at once. One
 * that others may have published is asked for at its registry first, unless images->net is NULL
 * (which means offline), and any of them at images->engine. LinuxKit makes none, and so nothing
 * happens with its language. All that can't be made are reported in one list.
 */
int component_make_missing(const struct context *ctx, const struct input_options *input,
	const struct component_make_options *o, const struct config *c,
	const struct resolve_options *images, struct werr **err);

#endif
