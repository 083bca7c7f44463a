/* SPDX-License-Identifier: Apache-2.0 */
/* Why the kernel may have refused something to a container's program. */
#ifndef WHERRY_GUEST_RIGHTS_H
#define WHERRY_GUEST_RIGHTS_H

#include "data/node.h"

/*
 * bundle: the container's directory, whose config.json says what it may do. output: the last lines
 * of a program that failed. "it has no capabilities: try ..." when they tell of EPERM or EACCES and
 * the container has not all that Docker gives, or of EROFS and its root is read-only; else "".
 * Owned by the caller, short.
 */
char *rights_hint(const char *bundle, const char *output);
/* The container's config.json. 0 or -errno. */
int rights_config(const char *bundle, struct document **ret);

#endif
