/* SPDX-License-Identifier: Apache-2.0 */
/* Which package the files of an image are from (inventory/owners.h), kept in the store. */
#ifndef WHERRY_PLAN_OWNED_H
#define WHERRY_PLAN_OWNED_H

#include "inventory/owners.h"
#include "store/store.h"

/* Keep it of the image's tree, as it is after its last layer. A failure is logged. */
void owned_keep(struct store *s, const struct image *image, struct tree *t);
/* From there, or else from the image's layers. */
int owned_get(struct store *s, const struct image *image, struct owners *ret, struct werr **err);

#endif
