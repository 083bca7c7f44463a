/* SPDX-License-Identifier: Apache-2.0 */
/* Finding packages by their names. */
#ifndef WHERRY_PKG_PKG_FIND_H
#define WHERRY_PKG_PKG_FIND_H

#include "base/error.h"
#include "base/str.h"

/*
 * Find the directory of the package that is called `word` in the directory base ("": the current
 * one; NULL: none, only path counts); owned by the caller. What has a slash or begins with a dot is
 * a path relative to base, and not looked at. Any other word is a name, which is looked for in
 * base, in base/pkg, and in the directories of path; the first directory of that name with a
 * build.yml in it is the one. WERR_NOT_FOUND when there is none.
 */
int pkg_find(
	const char *base, const char *word, const struct strv *path, char **ret, struct werr **err);
/*
 * All packages that a name can find there: *names, sorted, and the directory of each in *dirs.
 * Directories that can't be read are left out.
 */
void pkg_find_all(const char *base, const struct strv *path, struct strv *names, struct strv *dirs);

#endif
