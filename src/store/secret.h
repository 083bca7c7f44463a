/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The user's secret, which certifies that kept pieces were made by this user's builds. It is
 * outside the store, so that whoever can write to the store (or packed it up) can't forge that:
 * $XDG_STATE_HOME/wherry/pieces.key, or the same below ~/.local/state.
 */
#ifndef WHERRY_STORE_SECRET_H
#define WHERRY_STORE_SECRET_H

#include <stdbool.h>

#include "base/error.h"

enum { SECRET_SIZE = 32 };

/*
 * Read the secret. When there is none, create it, or return WERR_NOT_FOUND. It is an error when
 * there is no place for it, when others can read it, or when it belongs to another user.
 */
int secret_get(bool make, unsigned char ret[static SECRET_SIZE], struct werr **err);

#endif
