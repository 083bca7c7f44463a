/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WHERRY_GUEST_NAMES_H
#define WHERRY_GUEST_NAMES_H

#include "base/str.h"

/* Add the names in a folder, but for those that begin with a dot; the list is sorted then. 0 or
 * -errno. */
int names_in(const char *dir, struct strv *ret);

#endif
