/* SPDX-License-Identifier: Apache-2.0 */
/* What is allowed, and yet can't work on the machine, as the images show: for `check` and `build`.
 */
#ifndef WHERRY_PLAN_DOUBTS_H
#define WHERRY_PLAN_DOUBTS_H

#include "config/config.h"
#include "store/store.h"

struct doubts_input {
	const struct config *config;
	struct store *store;
	const struct platform *platform;
	/* Of each image in config_images; those that are not known (NULL) raise no doubt. */
	const struct config_image_use *uses;
	const struct digest *const *tops; /* of the index or manifest that the name stands for */
	struct image *const *images;      /* or NULL: they are looked up when they are needed */
	size_t n;
};
/*
 * Adds warnings with their places to the list. What raised none is remembered in the store, so that
 * nothing is looked at again until something changes.
 */
void doubts_find(const struct doubts_input *in, struct werr **warnings);

#endif
