/* SPDX-License-Identifier: Apache-2.0 */
/* What git knows of many folders at HEAD: two questions for each repository instead of two for each
 * folder. */
#ifndef WHERRY_PKG_GIT_KNOWN_H
#define WHERRY_PKG_GIT_KNOWN_H

#include <stdbool.h>

#include "base/mem.h"
#include "base/str.h"

struct git_known;

/* Folders by any name. Those of which git does not tell all are left out, whatever the reason:
 * asking for one alone tells that. */
struct git_known *git_known_new(const struct strv *folders);
void git_known_free(struct git_known *k);
DEFINE_CLEANUP(struct git_known *, git_known_free, git_known)

/*
 * The hash of the folder's tree at HEAD (k's), and whether the folder holds changes that HEAD does
 * not have. False: it is not known. k may be NULL; the name must be the same as it was.
 */
bool git_known_get(
	const struct git_known *k, const char *folder, const char **ret_hash, bool *ret_dirty);

#endif
