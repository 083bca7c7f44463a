/* SPDX-License-Identifier: Apache-2.0 */
/* git's hash of files, computed from the files themselves: neither git nor a repository is needed.
 */
#ifndef WHERRY_PKG_GIT_TREE_H
#define WHERRY_PKG_GIT_TREE_H

#include "base/error.h"
#include "base/str.h"

enum { GIT_HASH_DIGITS = 40, GIT_HASH_BYTES = GIT_HASH_DIGITS / 2 };

/*
 * Find the hash that git would give to the directory at path if it had the named files: a SHA-1, as
 * in repositories of the usual format. names: of files and symlinks, relative to path, sorted by
 * bytes, each once. What has disappeared since is left out, and so is what git does not keep: other
 * kinds of files, and directories without files. When path is a file, names are ignored.
 */
int git_tree_hash(const char *path, const struct strv *names, char ret[static GIT_HASH_DIGITS + 1],
	struct werr **err);

/* The SHA-1 of a text, as digits. */
void git_hash_text(const char *text, char ret[static GIT_HASH_DIGITS + 1]);

#endif
