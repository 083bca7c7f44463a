/* SPDX-License-Identifier: Apache-2.0 */
/* Can the kernel unpack the initrd? Where nothing says that it can't, it is believed to. */
#ifndef WHERRY_PLAN_KERNEL_CHECK_H
#define WHERRY_PLAN_KERNEL_CHECK_H

#include "plan/plan.h"

/*
 * By what the kernel's image has: a configuration as a file, or in the kernel; or the kernel's
 * version. WERR_INVALID: it can't.
 */
int kernel_check_image(const struct plan *p, struct werr **err);
/* By a configuration that the kernel's modules came with, in the OS's root. */
int kernel_check_root(const struct plan *p, const struct tree *root, struct werr **err);

#endif
