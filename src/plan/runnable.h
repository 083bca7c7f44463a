/* SPDX-License-Identifier: Apache-2.0 */
/* Whether an image has the program that a container of it runs. */
#ifndef WHERRY_PLAN_RUNNABLE_H
#define WHERRY_PLAN_RUNNABLE_H

#include "bundle/command.h"
#include "tree/tree.h"

/* Looks for it as the runtime does. true also when something is mounted where it may be. */
bool runnable_may_exist(const struct tree *t, const struct bundle_command *info);
/* What to say when it does not exist; owned by the caller. */
char *runnable_missing_text(
	const struct bundle_command *info, const struct config_container *entry);

#endif
