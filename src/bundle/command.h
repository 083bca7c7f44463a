/* SPDX-License-Identifier: Apache-2.0 */
/* What a container runs, and what is mounted over its image: for checks. */
#ifndef WHERRY_BUNDLE_COMMAND_H
#define WHERRY_BUNDLE_COMMAND_H

#include "bundle/bundle.h"

struct bundle_command {
	char *program; /* the first argument as it is given; NULL: nothing is run */
	bool of_entry; /* the entry gives it, not its image */
	char *path;    /* PATH, where a program without a slash is looked for; NULL: not set */
	char *cwd;
	struct strv mounts; /* where something is mounted, from the container's root */
};
/* Fails when the image's label has mistakes. */
int bundle_command_get(const struct config *c, const struct config_container *entry,
	const struct image_config *image, struct bundle_command *ret, struct werr **err);
void bundle_command_cleanup(struct bundle_command *i);

#endif
