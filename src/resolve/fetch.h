/* SPDX-License-Identifier: Apache-2.0 */
/* Images that a build needs, brought into the store from a local engine and from registries. */
#ifndef WHERRY_RESOLVE_FETCH_H
#define WHERRY_RESOLVE_FETCH_H

#include "resolve/resolve.h"

/*
 * Fetch the images of the n uses that are missing, those that are locked by their digest. Why
 * uses[i] could not be had is why[i] (NULL: it could, or need not; owned by the caller). Fails only
 * when all of it was ended, as by Ctrl-C; then why has nothing.
 */
int fetch_uses(const struct config_image_use *uses, size_t n, const struct resolve_options *o,
	struct werr **why, struct werr **err);
/* One image with all its platforms. */
int fetch_layout(const struct resolve_options *o, const struct reference *ref, struct werr **err);
/* Add to *err, which says that the store does not have an image, why (taken over; may be NULL) it
 * can't be had. */
void fetch_explain(const struct resolve_options *o, struct werr **err, struct werr *why);

#endif
