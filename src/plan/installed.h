/* SPDX-License-Identifier: Apache-2.0 */
/* What is installed in an image (inventory/inventory.h), kept in the store. */
#ifndef WHERRY_PLAN_INSTALLED_H
#define WHERRY_PLAN_INSTALLED_H

#include "inventory/inventory.h"
#include "store/store.h"

/* Keep what is in the image's tree, as it is after its last layer. A failure is logged. */
void installed_keep(struct store *s, const struct image *image, struct tree *t);
/* From there, or else from the image's layers. */
int installed_get(
	struct store *s, const struct image *image, struct inventory *ret, struct werr **err);

#endif
