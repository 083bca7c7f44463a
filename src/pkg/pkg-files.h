/* SPDX-License-Identifier: Apache-2.0 */
/* The files: section of a build.yml. */
#ifndef WHERRY_PKG_PKG_FILES_H
#define WHERRY_PKG_PKG_FILES_H

#include "pkg/build-yml.h"
#include "tree/tree.h"

struct pkg_files_from {
	const char *dir;      /* the package's directory, for messages only */
	const char *snapshot; /* the package's sources (pkg/snapshot.h) */
	const char *out;      /* what $OUT stands for, or NULL */
};

/*
 * Put the files into a tree. Permissions are 0755 for what the owner may execute and 0644
 * otherwise, unless the entry sets them; times are 0. A source that is a directory is copied with
 * all that is in it. A source that leaves its directory through a link is an error.
 */
int pkg_files_add(const struct pkg_yml *y, const struct pkg_files_from *from, struct tree *to,
	struct werr **err);

/*
 * Create the tree's directories, files and symlinks below an existing directory, with permissions
 * as above.
 */
int pkg_files_unpack(const struct tree *t, const char *dir, struct werr **err);

#endif
