/* SPDX-License-Identifier: Apache-2.0 */
/* The programs and links of an image, kept in the store, so that its layers need not be read. */
#ifndef WHERRY_PLAN_LISTING_H
#define WHERRY_PLAN_LISTING_H

#include "store/store.h"
#include "tree/tree.h"

/* Keep those of the image's tree, as it is after its last layer. A failure is logged. */
void listing_keep(struct store *s, const struct image *image, struct tree *t);
/* A tree of them alone. false: they are not kept, or could not be read. */
bool listing_find(struct store *s, const struct image *image, struct tree **ret);

#endif
