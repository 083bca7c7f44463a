/* SPDX-License-Identifier: Apache-2.0 */
/* The hash of a package's sources, as git knows them. */
#ifndef WHERRY_PKG_GIT_HASH_H
#define WHERRY_PKG_GIT_HASH_H

#include <stdbool.h>

#include "base/error.h"
#include "base/str.h"
#include "pkg/git-known.h"

/*
 * The hash that stands for a package: git's tree hash of folder dir at a commit. With extra sources
 * (folders), the SHA-1 of that hash's text followed by theirs, in their order. When a folder holds
 * changes that the commit does not have,
 * "-dirty-" and seven digits of a hash of what the folders hold now are added (always, with
 * force_dirty). Changes are looked for at HEAD only. What is known (NULL: nothing) isn't asked
 * again. *ret is owned by the caller.
 */
int git_hash(const char *dir, const struct strv *extra, const char *commit, bool force_dirty,
	const struct git_known *known, char **ret, struct werr **err);

#endif
