/* SPDX-License-Identifier: Apache-2.0 */
/* What a package is made of, copied: the files that its hash is of, and nothing else. */
#ifndef WHERRY_PKG_SNAPSHOT_H
#define WHERRY_PKG_SNAPSHOT_H

#include "pkg/package.h"

/*
 * Copy the package's directory, and extra sources at their places in it, into the directory `to`,
 * which is there and empty. With a hash of git's it is what git lists; otherwise everything but
 * ".git". Extra sources must be in the repository that the package is in. Files become 0644 or,
 * when their owner may execute them, 0755; links stay links; what is neither is left out.
 */
int snapshot_make(const struct pkg *p, const char *to, struct werr **err);

#endif
