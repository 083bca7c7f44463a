/* SPDX-License-Identifier: Apache-2.0 */
/* The program git. */
#ifndef WHERRY_PKG_GIT_H
#define WHERRY_PKG_GIT_H

#include <stddef.h>

#include "base/error.h"

/*
 * Run git in a folder with arguments (NULL ends them). What it writes goes to *ret (owned by the caller) and *ret_size, which may be
 * NULL. Without exit_code any but 0 is an error. WERR_NOT_FOUND when there is no git.
 */
int git_run(const char *dir, const char *const *args, char **ret, size_t *ret_size, int *exit_code,
	struct werr **err);

#endif
