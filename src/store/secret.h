/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The user's secret, which certifies that kept pieces were made by this user's builds. It is
 * outside of the store, so that anyone who can write there (or has packed the store up) can't claim
 * it: $XDG_STATE_HOME/wherry/pieces.key, or the same below ~/.local/state.
 */
#ifndef WHERRY_STORE_SECRET_H
#define WHERRY_STORE_SECRET_H

#include <stdbool.h>

#include "base/error.h"

enum { SECRET_SIZE = 32 };

/*
 * Read it. If there is none, make it, or fail with WERR_NOT_FOUND. It is an error if there is no
 * place for it, others can read it, or it belongs to another user.
 */
int secret_get(bool make, unsigned char ret[static SECRET_SIZE], struct werr **err);

#endif
