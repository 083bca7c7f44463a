/* SPDX-License-Identifier: Apache-2.0 */
/* Between the loop over a layer (layer.c) and what an entry does to the tree (entry.c). */
#ifndef WHERRY_TREE_LAYER_IMPL_H
#define WHERRY_TREE_LAYER_IMPL_H

#include <archive.h>
#include <archive_entry.h>

#include "tree/tree-impl.h"

/* The entry's effect, its content read from a. */
int layer_add_entry(struct tree *t, struct archive *a, struct archive_entry *e, struct werr **err);
/* WERR_CORRUPT with what libarchive says. */
int layer_failed(struct archive *a, struct werr **err);

#endif
