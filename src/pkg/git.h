/* SPDX-License-Identifier: Apache-2.0 */
/* The program git. */
#ifndef WHERRY_PKG_GIT_H
#define WHERRY_PKG_GIT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/str.h"

/*
 * Run git in a folder with arguments (NULL ends them). What it writes goes to *ret (owned by the caller) and *ret_size, which may be
 * NULL. Without exit_code any but 0 is an error. WERR_NOT_FOUND when there is no git.
 */
int git_run(const char *dir, const char *const *args, char **ret, size_t *ret_size, int *exit_code,
	struct werr **err);

/*
 * What the commit HEAD does not have of the folders, which are relative to dir: "XY PATH" for each change, each with a NUL
 * (git-status(1), porcelain format version 1), PATH from the top of the repository. *ret is owned by the caller.
 */
int git_changes(const char *dir, const struct strv *folders, char **ret, size_t *ret_size,
	struct werr **err);

/* Is it a hash as git writes it? (SHA-1 or SHA-256) */
bool git_is_hash(const char *text);

#endif
