/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kernel modules that init images and files add to those of the kernel's image: what depmod would
 * do for them is done here, so that they are found as the kernel's own.
 */
#ifndef WHERRY_PLAN_ADDED_MODULES_H
#define WHERRY_PLAN_ADDED_MODULES_H

#include "base/error.h"

struct tree;

/*
 * Add the modules of the root that no modules.dep lists to the kernel's modules.dep and
 * modules.alias, but for those in kernel/, which belong to the kernel. A module that the kernel
 * cannot load is an error: one for another kernel, one that needs modules which are not there, or
 * one of the name of another. A root without any modules.dep has its own ways, and is left alone.
 */
int added_modules_index(struct tree *root, struct werr **err);

#endif
