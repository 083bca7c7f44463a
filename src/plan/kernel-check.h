/* SPDX-License-Identifier: Apache-2.0 */
/* Can the kernel unpack the initrd? It is believed to, unless something says otherwise. */
#ifndef WHERRY_PLAN_KERNEL_CHECK_H
#define WHERRY_PLAN_KERNEL_CHECK_H

#include "plan/plan.h"

/*
 * Checks of parts (see part_kind). This one looks at the kernel's image: a configuration as a file
 * or in the kernel, or the kernel's version. WERR_INVALID: it cannot unpack the initrd.
 */
int kernel_check_image(const struct plan *p, const struct part_content *boot, struct werr **err);
/* The same by a configuration that came with the kernel's modules, in the OS's root. */
int kernel_check_root(const struct plan *p, const struct part_content *root, struct werr **err);

#endif
