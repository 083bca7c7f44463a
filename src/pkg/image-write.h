/* SPDX-License-Identifier: Apache-2.0 */
/* A tree as an image of one layer in the store. The same tree and texts give the same digest. */
#ifndef WHERRY_PKG_IMAGE_WRITE_H
#define WHERRY_PKG_IMAGE_WRITE_H

#include "store/store.h"
#include "tree/tree.h"

/* config's diff_ids are set here. *ret is the manifest, with its platform; *ret_size the layer's
 * size as stored. */
int pkg_write_image(struct store *s, const struct tree *t, struct image_config *config,
	struct descriptor *ret, uint64_t *ret_size, struct werr **err);

/*
 * Let a full name stand for an index that has this manifest; what the name has for other platforms
 * stays. With one platform it is an index too, so that the name's digest does not depend on the
 * order in which platforms are built.
 */
int pkg_write_name(
	struct store *s, const char *name, const struct descriptor *manifest, struct werr **err);

#endif
