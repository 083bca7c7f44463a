/* SPDX-License-Identifier: Apache-2.0 */
/* Laying one tree over another. */
#ifndef WHERRY_TREE_GRAFT_H
#define WHERRY_TREE_GRAFT_H

#include "tree/tree.h"

/*
 * Put everything in `from`, except its root, into `to` at prefix ("": at the root), with the rules
 * of tree_merge: directories are joined, also through symlinks, and take the owner and mode of the
 * later one; anything else is replaced. Hard links stay hard links. `from` is used up: it can only
 * be freed.
 */
int tree_graft(struct tree *to, const char *prefix, struct tree *from, struct werr **err);

#endif
