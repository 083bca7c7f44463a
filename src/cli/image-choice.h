/* SPDX-License-Identifier: Apache-2.0 */
/* The choice of a platform, for verbs about images, some of which have several platforms. */
#ifndef WHERRY_CLI_IMAGE_CHOICE_H
#define WHERRY_CLI_IMAGE_CHOICE_H

#include "base/error.h"
#include "oci/platform.h"
#include "options/option.h"

struct image;
struct json_writer;
struct store;
struct store_platforms;

struct choice_options {
	const char *arch, *platform;
};
/* --arch alone: verbs that move images have a --platform of their own, with its own help. */
extern const struct option choice_arch_options[];
/* --platform for the verbs that look at one image in the store. */
extern const struct option choice_platform_options[];

/* platform_parse for the value of an option: WERR_USAGE. */
int choice_parse_platform(const char *text, struct platform *ret, struct werr **err);
/* The platform that was asked for; *ret_given is false, and *ret this machine's, when none was. */
int choice_platform(
	const struct choice_options *o, struct platform *ret, bool *ret_given, struct werr **err);
/*
 * Find an image for the platform that was asked for; else for this machine, else for the first one
 * that the store has.
 */
int choice_open_image(const struct choice_options *o, struct store *store, const char *text,
	struct image **ret, struct werr **err);
/* The same for what also takes an artifact (store_choose_any). */
int choice_open_any(const struct choice_options *o, struct store *store, const char *text,
	struct image **ret, struct werr **err);

enum choice_shown {
	CHOICE_ALL,  /* each says whether it is here */
	CHOICE_HERE, /* only those that are */
};
/* Write the key "platforms" of an image. */
void choice_add_platforms(
	struct json_writer *w, const struct store_platforms *p, enum choice_shown shown);

#endif
