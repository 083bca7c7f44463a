/* SPDX-License-Identifier: Apache-2.0 */
/* The hash of a package's sources, as git knows them. */
#ifndef WHERRY_PKG_GIT_HASH_H
#define WHERRY_PKG_GIT_HASH_H

#include <stdbool.h>

#include "base/error.h"
#include "base/str.h"
#include "pkg/git-known.h"

/*
 * Find the hash of a package: git's tree hash of directory dir at a commit. With extra sources
 * (directories) it is the SHA-1 of the texts of that hash and theirs, in order. When a directory
 * has uncommitted changes, or with force_dirty, "-dirty-" and seven digits of a hash of the current
 * contents are added; so it is with a new directory, whose tree hash is what it would be after a
 * commit. Changes are only looked for at HEAD. git is not asked about what is known
 * already (known may be NULL). *ret is owned by the caller.
 */
int git_hash(const char *dir, const struct strv *extra, const char *commit, bool force_dirty,
	const struct git_known *known, char **ret, struct werr **err);

#endif
