/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WHERRY_GUEST_PERSISTENT_H
#define WHERRY_GUEST_PERSISTENT_H

#include <stdbool.h>

/* Is the folder on something that can be written to and outlives the machine? */
bool persistent(const char *dir);

#endif
