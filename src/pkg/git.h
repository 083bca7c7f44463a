/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program git, asked about a repository that may be anybody's. Nothing that the repository's
 * own configuration names is run: no hook, no file system monitor, no filter, no helper that
 * fetches; and a bare repository among the files is no repository.
 */
#ifndef WHERRY_PKG_GIT_H
#define WHERRY_PKG_GIT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"

/* Where a path is. */
struct git_place {
	char *top;    /* the nearest directory with a ".git" in it; absolute */
	char *inside; /* the path in there, "" for the top itself */
};
void git_place_cleanup(struct git_place *p);

/* Links in the path are followed. WERR_NOT_FOUND when no repository is around it. */
int git_find(const char *path, struct git_place *ret, struct werr **err);

/*
 * Run git on the repository of which top is the top; NULL ends the arguments. What it writes goes
 * to *ret (owned by the caller) and *ret_size, which may be NULL. Without exit_code any but 0 is an
 * error. WERR_NOT_FOUND when there is no git.
 */
int git_run(const char *top, const char *const *args, char **ret, size_t *ret_size, int *exit_code,
	struct werr **err);

/*
 * Arguments that turn off the filters (gitattributes(5)) that the repository's own configuration
 * defines, as a command that reads the work tree needs them before its name. The user's own
 * filters, those of ~/.gitconfig, stay.
 */
int git_without_filters(const char *top, struct strv *args, struct werr **err);
/* Is it a hash as git writes it? (SHA-1 or SHA-256) */
bool git_is_hash(const char *text);

#endif
