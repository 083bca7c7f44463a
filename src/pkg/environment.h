/* SPDX-License-Identifier: Apache-2.0 */
/* The environment for programs that this room runs: only what is named, so that results do not
 * depend on the user's. */
#ifndef WHERRY_PKG_ENVIRONMENT_H
#define WHERRY_PKG_ENVIRONMENT_H

#include "base/str.h"

/* Add "NAME=value" of each variable that is set here; NULL ends the names. */
void environment_pick(struct strv *env, const char *const *names);
/* PATH and the other variables that programs need to work at all, and LC_ALL=C. */
void environment_base(struct strv *env);

#endif
