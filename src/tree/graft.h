/* SPDX-License-Identifier: Apache-2.0 */
/* One tree laid over another. */
#ifndef WHERRY_TREE_GRAFT_H
#define WHERRY_TREE_GRAFT_H

#include "tree/tree.h"

/*
 * Put everything of `from` into `to`, as unpacking one archive after the other would: folders are joined and
 * take the later one's owner and mode, anything else is replaced. Hard links stay hard links.
 */
int tree_graft(struct tree *to, const struct tree *from, struct werr **err);

#endif
