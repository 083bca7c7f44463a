/* SPDX-License-Identifier: Apache-2.0 */
/* Verbs that look at one image of the store. */
#ifndef WHERRY_CLI_IMAGE_H
#define WHERRY_CLI_IMAGE_H

#include "cli/cli.h"
#include "store/store.h"

/* The first member of such a verb's options. */
struct image_options {
	const char *arch, *platform;
};
extern const struct option image_option_list[];

/* Find an image for the platform that was asked for; else for this machine, or the first that is here. */
int image_open(const struct image_options *o, struct store *store, const char *reference,
	struct image **ret, struct werr **err);

#endif
