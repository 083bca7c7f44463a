/* SPDX-License-Identifier: Apache-2.0 */
/* The file that a package's build.yml includes: a build step that several packages share. */
#ifndef WHERRY_PKG_YML_INCLUDE_H
#define WHERRY_PKG_YML_INCLUDE_H

#include "pkg/package.h"

/*
 * Read the file that p->yml->include names, and add it to the extra sources, so that the package's
 * hash covers it. WERR_INVALID when it is not in the package's git repository.
 */
int pkg_include(struct pkg *p, struct werr **err);

#endif
