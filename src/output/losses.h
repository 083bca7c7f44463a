/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WHERRY_OUTPUT_LOSSES_H
#define WHERRY_OUTPUT_LOSSES_H

#include "plan/plan.h"

enum { LOSSES_MAX = 32 << 10 };
/* A line that says what of a part an initrd can't hold: programs' capabilities. At most LOSSES_MAX
 * bytes. NULL: nothing. Owned by the caller. */
char *losses_text(const struct part_content *c);

#endif
