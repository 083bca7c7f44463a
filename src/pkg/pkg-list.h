/* SPDX-License-Identifier: Apache-2.0 */
/* The files that a package's directory, or a directory of its extra sources, consists of. */
#ifndef WHERRY_PKG_PKG_LIST_H
#define WHERRY_PKG_PKG_LIST_H

#include "base/error.h"
#include "base/str.h"

enum pkg_listing {
	PKG_LIST_ALL,   /* everything in it, directories as well */
	PKG_LIST_FILES, /* what git would keep: files and symlinks */
	PKG_LIST_GIT,   /* what git knows, tracked or new, but not ignored */
};

/* List names relative to dir, sorted by bytes, each once. ".git" is left out. */
int pkg_list(const char *dir, enum pkg_listing how, struct strv *ret, struct werr **err);

#endif
