/* SPDX-License-Identifier: Apache-2.0 */
/* From many packages to few files: what the patterns keep, and what that needs to run. */
#ifndef WHERRY_PKG_CLOSURE_H
#define WHERRY_PKG_CLOSURE_H

#include "base/str.h"
#include "arch/arch.h"
#include "pkg/package-tree.h"

/*
 * Copy into `to` whatever of the packages matches one of the patterns (path_match, with a leading
 * slash), and then what all programs in `to` need: their interpreter, the libraries they name,
 * those that these name, and the symlinks that lead there. What `to` has already is not replaced,
 * and its needs count too. Times become 0. The packages that something was taken from are marked as
 * used. WERR_NOT_FOUND when a library is in no package; or when a pattern matches nothing, and then
 * *ret_unmatched is its index (it may be NULL).
 */
int closure_copy(struct package_tree *from, struct tree *to, const struct arch *arch,
	const struct strv *keep, size_t *ret_unmatched, struct werr **err);

#endif
