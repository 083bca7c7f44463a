/* SPDX-License-Identifier: Apache-2.0 */
/* Declarations shared by the loop over a layer (layer.c) and the handling of an entry (entry.c). */
#ifndef WHERRY_TREE_LAYER_IMPL_H
#define WHERRY_TREE_LAYER_IMPL_H

#include <archive.h>
#include <archive_entry.h>

#include "tree/tree-impl.h"

/* A layer that is being read, with the bytes seen so far. */
struct layer {
	struct tree *tree;
	struct archive *archive;
	const uint64_t *packed; /* of the layer as it is stored */
	uint64_t unpacked;      /* after decompression */
	uint64_t holes;         /* of sparse files, which the archive does not contain */
};
/* Apply an entry to the tree, reading its contents from the archive. */
int layer_add_entry(struct layer *l, struct archive_entry *e, struct werr **err);
/* WERR_LIMIT when the layer unpacks to too many bytes (io_is_bomb). */
int layer_check_bomb(const struct layer *l, struct werr **err);
/* Set WERR_CORRUPT with libarchive's message, and return its code. */
int layer_failed(struct archive *a, struct werr **err);

#endif
