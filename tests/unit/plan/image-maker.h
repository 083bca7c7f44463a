/* SPDX-License-Identifier: Apache-2.0 */
/* Small images that are made by hand and put into a store. */
#ifndef WHERRY_TESTS_UNIT_PLAN_IMAGE_MAKER_H
#define WHERRY_TESTS_UNIT_PLAN_IMAGE_MAKER_H

#include "../tree/layer-maker.h"
#include "store/store.h"

enum { SAMPLE_ITEMS_MAX = 15 };

/* An image of one layer, for linux/amd64. */
struct sample_image {
	const char *name; /* full: "docker.io/library/i:latest" */
	/* What is in its layer, and in its kernel.tar (nothing: it has none). */
	struct item items[SAMPLE_ITEMS_MAX + 1], modules[SAMPLE_ITEMS_MAX + 1];
	const char *entrypoint, *user; /* or NULL */
	const char *label;             /* org.mobyproject.config, or NULL */
};

/* Put the image into the store; what had its name before loses it. */
int sample_image_put(struct store *s, const struct sample_image *image, struct werr **err);

#endif
