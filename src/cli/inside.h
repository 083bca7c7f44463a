/* SPDX-License-Identifier: Apache-2.0 */
/* What is inside an image or an output, by paths as people write them. */
#ifndef WHERRY_CLI_INSIDE_H
#define WHERRY_CLI_INSIDE_H

#include "tree/tree.h"

/* Find a node, with links followed inside the tree, of which label is the name for errors. *ret
 * belongs to t. WERR_NOT_FOUND. */
int inside_find(const struct tree *t, const char *label, const char *path, struct tree_node **ret,
	struct werr **err);
/* What a node of this mode is: "file", "symlink". */
const char *inside_type(uint32_t mode);

#endif
