/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Trees as images of one layer in the store. The same tree and configuration give the same digest.
 */
#ifndef WHERRY_PKG_IMAGE_WRITE_H
#define WHERRY_PKG_IMAGE_WRITE_H

#include "store/store.h"
#include "tree/tree.h"

/*
 * Write an image; config's diff_ids are set here. *ret is the manifest, with its platform, and
 * *ret_size the size of the stored layer.
 */
int pkg_write_image(struct store *s, const struct tree *t, struct image_config *config,
	struct descriptor *ret, uint64_t *ret_size, struct werr **err);

/*
 * Let a full name stand for an index with this manifest; the manifests of other platforms stay. It
 * is an index even for a single platform, so that its digest does not depend on the order in which
 * platforms are built.
 */
int pkg_write_name(
	struct store *s, const char *name, const struct descriptor *manifest, struct werr **err);

#endif
