/* SPDX-License-Identifier: Apache-2.0 */
/* One tree laid over another. */
#ifndef WHERRY_TREE_GRAFT_H
#define WHERRY_TREE_GRAFT_H

#include "tree/tree.h"

/*
 * Put everything of `from`, but its root, into `to` at prefix ("": at the root) by tree_merge:
 * directories are joined, also through symlinks, and take the later one's owner and mode; anything
 * else is replaced. Hard links stay hard links.
 */
int tree_graft(struct tree *to, const char *prefix, const struct tree *from, struct werr **err);

#endif
