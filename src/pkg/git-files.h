/* SPDX-License-Identifier: Apache-2.0 */
/* What git knows about the files of a work tree. */
#ifndef WHERRY_PKG_GIT_FILES_H
#define WHERRY_PKG_GIT_FILES_H

#include <stddef.h>

#include "base/error.h"
#include "base/str.h"

/*
 * List the files, links and submodules in path that are tracked or new, but not ignored: names
 * relative to path, sorted, each once. "" is path itself, when it is a file. The contents of
 * submodules and other repositories in it are listed as well. Listed files may be missing.
 */
int git_list_files(const char *path, struct strv *ret, struct werr **err);

/*
 * List the paths, relative to the top of the repository, that differ between the commit HEAD and
 * the work tree; only those at or below the given ones, which are relative to the top as well ("":
 * all). A change in a submodule is a change of the submodule's path.
 */
int git_list_changes(
	const char *top, const struct strv *paths, struct strv *ret, struct werr **err);

/* Parse git-status(1), porcelain format version 1 with -z: the paths, both for a renamed file. */
int git_parse_status(const char *text, size_t size, struct strv *ret, struct werr **err);
/* Parse git-ls-files(1), --stage with -z: all paths, and those of submodules. */
int git_parse_stage(const char *text, size_t size, struct strv *paths, struct strv *submodules,
	struct werr **err);

#endif
