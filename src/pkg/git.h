/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program git, run on an untrusted repository. Nothing that the repository's configuration
 * names is run: no hook, no file system monitor, no filter, no helper that fetches. A bare
 * repository among the files does not count as a repository.
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

/* Find the repository that path is in, following links. WERR_NOT_FOUND when there is none. */
int git_find(const char *path, struct git_place *ret, struct werr **err);

/*
 * Run git on the repository with this top; NULL ends the arguments. Its output is *ret (owned by
 * the caller) of *ret_size bytes; both may be NULL. Without exit_code, an exit code other than 0 is
 * an error. WERR_NOT_FOUND when git is not installed.
 */
int git_run(const char *top, const char *const *args, char **ret, size_t *ret_size, int *exit_code,
	struct werr **err);

/*
 * Add arguments, to be put before the name of a command that reads the work tree, that turn off the
 * filters (gitattributes(5)) of the repository's own configuration. The user's own filters, from
 * ~/.gitconfig, stay.
 */
int git_without_filters(const char *top, struct strv *args, struct werr **err);
/* Whether the text is a hash as git writes it (SHA-1 or SHA-256). */
bool git_is_hash(const char *text);

#endif
