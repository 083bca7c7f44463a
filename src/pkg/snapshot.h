/* SPDX-License-Identifier: Apache-2.0 */
/* A copy of a package's sources: the files that its hash covers, and nothing else. */
#ifndef WHERRY_PKG_SNAPSHOT_H
#define WHERRY_PKG_SNAPSHOT_H

#include "pkg/package.h"

/*
 * Copy the package's directory, with extra sources at their places in it, into the existing empty
 * directory `to`: with a hash from git, what git lists; otherwise everything except ".git". Extra
 * sources must be in the package's repository. Files become 0644 or, when their owner may execute
 * them, 0755; links stay links; anything else is left out.
 */
int snapshot_make(const struct pkg *p, const char *to, struct werr **err);

/*
 * Open the directory that the last name of path (as of path_inside) is in, below dir_fd, creating
 * it and those above it, without following links. what: for errors.
 */
int snapshot_open_parent(
	int dir_fd, const char *what, const char *path, int *ret_fd, struct werr **err);

#endif
