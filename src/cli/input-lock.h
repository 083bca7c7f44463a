/* SPDX-License-Identifier: Apache-2.0 */
/* The lock file beside the YAML. */
#ifndef WHERRY_CLI_INPUT_LOCK_H
#define WHERRY_CLI_INPUT_LOCK_H

#include "resolve/resolve.h"

struct input_lock_options {
	bool update; /* rewrite it first */
	bool locked; /* it must exist, and have every image */
};

/*
 * The path of these FILEs' lock file: the last one's, followed by ".lock". WERR_USAGE when that is
 * not a file.
 */
int input_lock_path(const char *const *files, char **ret, struct werr **err);
/* Read it; *ret is NULL when there is none. */
int input_lock_read(const char *const *files, struct lockfile **ret, struct werr **err);
/* For a build: `images` goes by the lock file, *ret, if there is one. */
int input_lock_prepare(const char *const *files, const struct input_lock_options *o,
	const struct config *config, struct resolve_options *images, struct lockfile **ret,
	struct werr **err);

#endif
