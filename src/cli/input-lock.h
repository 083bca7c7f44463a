/* SPDX-License-Identifier: Apache-2.0 */
/* The lock file beside the YAML. */
#ifndef WHERRY_CLI_INPUT_LOCK_H
#define WHERRY_CLI_INPUT_LOCK_H

#include "resolve/resolve.h"

/* The path of these FILEs' lock file: the last one's with ".lock" behind it. WERR_USAGE when that
 * is no file. */
int input_lock_path(const char *const *files, char **ret, struct werr **err);
/* Read it; *ret is NULL when there is none. */
int input_lock_read(const char *const *files, struct lockfile **ret, struct werr **err);
/*
 * For a build: images goes by the lock file, which is *ret, when there is one. update: it is
 * written anew first. locked: it must be there and have every image.
 */
int input_lock_prepare(const char *const *files, bool update, bool locked,
	const struct config *config, struct resolve_options *images, struct lockfile **ret,
	struct werr **err);

#endif
