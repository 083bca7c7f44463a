/* SPDX-License-Identifier: Apache-2.0 */
/* Between the loop over a layer (layer.c) and what an entry does to the tree (entry.c). */
#ifndef WHERRY_TREE_LAYER_IMPL_H
#define WHERRY_TREE_LAYER_IMPL_H

#include <archive.h>
#include <archive_entry.h>

#include "tree/tree-impl.h"

/* A layer that is being read. */
struct layer {
	struct tree *tree;
	struct archive *archive;
	const uint64_t *packed;   /* bytes of the layer that were read so far, as it came, */
	uint64_t unpacked, holes; /* uncompressed; and of zeros that it only tells of */
};
/* The entry's effect, its content read from the archive. */
int layer_add_entry(struct layer *l, struct archive_entry *e, struct werr **err);
/* WERR_LIMIT when it unpacks to too much. */
int layer_check_bomb(const struct layer *l, struct werr **err);
/* WERR_CORRUPT with what libarchive says. */
int layer_failed(struct archive *a, struct werr **err);

#endif
