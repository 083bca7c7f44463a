/* SPDX-License-Identifier: Apache-2.0 */
/* What git says of the files of a work tree. */
#ifndef WHERRY_PKG_GIT_FILES_H
#define WHERRY_PKG_GIT_FILES_H

#include <stddef.h>

#include "base/error.h"
#include "base/str.h"

/*
 * The files, links and submodules in path, those that git has and those that are new, without what
 * it is told to ignore: the names relative to path, sorted, each once. "" is path itself, when it
 * is a file. What submodules and other repositories in it hold is listed as well. Some that are
 * listed may not be there any more.
 */
int git_list_files(const char *path, struct strv *ret, struct werr **err);

/*
 * The paths, from the top of the repository, of which the commit HEAD has other files than the work
 * tree; only those at or below the given ones, which are relative to the top as well ("": all). A
 * change in a submodule is one of the submodule's path.
 */
int git_list_changes(
	const char *top, const struct strv *paths, struct strv *ret, struct werr **err);

/* git-status(1), porcelain format version 1 with -z: the paths, of a renamed file both. */
int git_parse_status(const char *text, size_t size, struct strv *ret, struct werr **err);
/* git-ls-files(1), --stage with -z: all paths, and those of submodules. */
int git_parse_stage(const char *text, size_t size, struct strv *paths, struct strv *submodules,
	struct werr **err);

#endif
