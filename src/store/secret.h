/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The user's secret, which says of what is kept that this user's builds have made it. It is outside
 * of the store, so that who can write there (or has packed the store up) can't say so:
 * $XDG_STATE_HOME/wherry/pieces.key, or the same below ~/.local/state.
 */
#ifndef WHERRY_STORE_SECRET_H
#define WHERRY_STORE_SECRET_H

#include <stdbool.h>

#include "base/error.h"

enum { SECRET_SIZE = 32 };

/*
 * Read it. Where there is none: make it, or WERR_NOT_FOUND. Without a place for it, or when others
 * can read it or it isn't this user's own: an error.
 */
int secret_get(bool make, unsigned char ret[static SECRET_SIZE], struct werr **err);

#endif
