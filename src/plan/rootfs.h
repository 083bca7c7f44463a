/* SPDX-License-Identifier: Apache-2.0 */
/* An image's merged tree, and how it is made fit for an OS. */
#ifndef WHERRY_PLAN_ROOTFS_H
#define WHERRY_PLAN_ROOTFS_H

#include "plan/meter.h"
#include "store/store.h"
#include "tree/tree.h"

/* Merge an image's layers; every blob is checked on the way. meter may be NULL. */
int rootfs_load(struct store *s, const struct image *image, struct meter *meter, struct tree **ret,
	struct werr **err);

/* The same without the files' bytes: see tree_new. */
int rootfs_list(struct store *s, const struct image *image, struct tree **ret, struct werr **err);
/* The same as a tar: the files that a container of the image would have. */
int rootfs_write(struct store *s, const struct image *image, struct writer *to, struct werr **err);

enum rootfs_use { ROOTFS_FOR_CONTAINER, ROOTFS_FOR_INIT };
/*
 * Make an image's tree fit to be a root: what belongs to the machine (hostname, device nodes) goes,
 * hosts and resolv.conf become those that every container has, and the directories that are mounted
 * over exist.
 */
int rootfs_fix(struct tree *t, enum rootfs_use use, struct werr **err);
/*
 * Shift all ids for a container with ids of its own: 0 becomes base, up to range - 1; file
 * capabilities hold in that user namespace. WERR_INVALID: an id of range or more.
 */
int rootfs_shift_ids(struct tree *t, uint32_t base, uint32_t range, struct werr **err);

#endif
