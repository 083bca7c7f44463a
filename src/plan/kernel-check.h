/* SPDX-License-Identifier: Apache-2.0 */
/* Can the kernel unpack the initrd? Where nothing says that it can't, it is believed to. */
#ifndef WHERRY_PLAN_KERNEL_CHECK_H
#define WHERRY_PLAN_KERNEL_CHECK_H

#include "plan/plan.h"

/*
 * Checks of parts (see part_kind). By what the kernel's image has: a configuration as a file or in
 * the kernel, or the kernel's version. WERR_INVALID: it can't unpack it.
 */
int kernel_check_image(const struct plan *p, const struct part_content *boot, struct werr **err);
/* By a configuration that the kernel's modules came with, in the OS's root. */
int kernel_check_root(const struct plan *p, const struct part_content *root, struct werr **err);

#endif
