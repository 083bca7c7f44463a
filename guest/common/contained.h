/* SPDX-License-Identifier: Apache-2.0 */
/* Whether the machine is ours or, in a container, somebody else's. */
#ifndef WHERRY_GUEST_CONTAINED_H
#define WHERRY_GUEST_CONTAINED_H

#include <stdbool.h>

/* Are we in a container? By the namespace of process ids, of which the kernel's own has a fixed
 * number. True also while there is no /proc. */
bool contained(void);

#endif
