/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fetching the images that a build needs into the store, from a local engine and from registries.
 */
#ifndef WHERRY_RESOLVE_FETCH_H
#define WHERRY_RESOLVE_FETCH_H

#include "resolve/resolve.h"

/*
 * Fetch the missing images of the n uses; locked ones by their digest, and unpublished ones only
 * from a local engine. why[i] is the reason why uses[i] could not be fetched (NULL: it was, or need
 * not be; owned by the caller). Fails only when the whole fetch was ended, as by Ctrl-C; then all
 * of why is NULL.
 */
int fetch_uses(const struct config *c, const struct config_image_use *uses, size_t n,
	const struct resolve_options *o, struct werr **why, struct werr **err);
/* Fetch the image of a layout with all its platforms, unless it is unpublished. */
int fetch_layout(const struct config *c, const struct config_volume *v,
	const struct resolve_options *o, struct werr **err);
/*
 * Add to *err, which reports that the store does not have an image, the reason why it can't be
 * fetched (why: taken over; may be NULL).
 */
void fetch_explain(const struct resolve_options *o, struct werr **err, struct werr *why);

#endif
