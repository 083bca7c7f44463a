/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What git knows about many directories at HEAD: two calls of git for each repository instead of
 * two for each directory.
 */
#ifndef WHERRY_PKG_GIT_KNOWN_H
#define WHERRY_PKG_GIT_KNOWN_H

#include <stdbool.h>

#include "base/mem.h"
#include "base/str.h"

struct git_known;

/*
 * Ask git about the directories, given by any path. Those that git does not fully answer for are
 * left out; asking for one of them alone gives the reason.
 */
struct git_known *git_known_new(const struct strv *directories);
void git_known_free(struct git_known *k);
DEFINE_CLEANUP(struct git_known *, git_known_free, git_known)

/*
 * Look up the hash of the directory's tree at HEAD (owned by k), and whether the directory has
 * uncommitted changes. False: not known. k may be NULL; the directory must be named as before.
 */
bool git_known_get(
	const struct git_known *k, const char *directory, const char **ret_hash, bool *ret_dirty);

#endif
