/* SPDX-License-Identifier: Apache-2.0 */
/* All parts of a plan as one file tree, for formats that need the whole before their first byte. */
#ifndef WHERRY_PLAN_WHOLE_H
#define WHERRY_PLAN_WHOLE_H

#include "plan/plan.h"

/* Lay what a part consists of over a tree, as unpacking it would. */
int plan_merge_content(struct tree *to, const struct part_content *c, struct werr **err);
/* Remove what is in boot/: it belongs to the boot loader. */
void plan_empty_boot(struct tree *t);

/*
 * Merge the parts in their order, as unpacking them one after another would; boot/ is there but
 * empty, as its files belong to the boot loader. The content's meter is asked for each part. The
 * caller releases it with part_content_cleanup.
 */
int plan_load_whole(const struct plan *p, struct part_content *ret, struct werr **err);

#endif
