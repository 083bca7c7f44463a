/* SPDX-License-Identifier: Apache-2.0 */
/* What the files that make a plan share. */
#ifndef WHERRY_PLAN_PLAN_IMPL_H
#define WHERRY_PLAN_PLAN_IMPL_H

#include "plan/plan.h"

/* Open the earlier tar, if there is one, and fill p->unchanged. */
int plan_find_unchanged(struct plan *p, struct werr **err);
/*
 * Find every image; those that are required and missing are all reported. After
 * plan_find_unchanged.
 */
int plan_find_images(struct plan *p, struct werr **err);
/* Is something made from the kernel's image? */
bool plan_needs_kernel(const struct plan *p);

#endif
