/* SPDX-License-Identifier: Apache-2.0 */
/* What an output consists of, for `inspect`. */
#ifndef WHERRY_CLI_ITEMS_H
#define WHERRY_CLI_ITEMS_H

#include "cli/context.h"
#include "look/look.h"
#include "output/holdings.h"

/* Lines, indented by what is inside of what; or an object. path: as the user named it. */
int items_show(const struct context *ctx, struct look *l, const char *path, struct werr **err);
/* The parts that a build would make of YAML. */
int items_show_parts(
	const struct context *ctx, const struct holdings *i, const char *path, struct werr **err);

#endif
