/* SPDX-License-Identifier: Apache-2.0 */
/* Verbs that are about images, of which some have several platforms. */
#ifndef WHERRY_CLI_IMAGE_H
#define WHERRY_CLI_IMAGE_H

#include "cli/cli.h"
#include "store/store.h"

/* The first member of such a verb's options. */
struct image_options {
	const char *arch, *platform;
};
/* Its rows in such a verb's list; help_ is --platform's. */
/* clang-format off */
#define IMAGE_OPTION_ROWS(help_) \
	{.name = "arch", \
		.kind = OPTION_TEXT, \
		.value = "ARCH", \
		.help = "The same as --platform linux/ARCH", \
		.offset = offsetof(struct image_options, arch)}, \
	{.name = "platform", \
		.kind = OPTION_TEXT, \
		.value = "PLATFORM", \
		.help = (help_), \
		.offset = offsetof(struct image_options, platform)}
/* clang-format on */

/* platform_parse for the value of an option: WERR_USAGE. */
int image_parse_platform(const char *text, struct platform *ret, struct werr **err);
/* The platform that was asked for; *given is false, and *ret this machine's, when none was. */
int image_platform(
	const struct image_options *o, struct platform *ret, bool *given, struct werr **err);

/* The list of the verbs that look at one image of the store. */
extern const struct option image_option_list[];

/* Find an image for the platform that was asked for; else for this machine, or the first that is
 * here. */
int image_open(const struct image_options *o, struct store *store, const char *reference,
	struct image **ret, struct werr **err);

#endif
