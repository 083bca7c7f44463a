/* SPDX-License-Identifier: Apache-2.0 */
/* From many packages to few files: those that patterns select, and what these need to run. */
#ifndef WHERRY_PKG_CLOSURE_H
#define WHERRY_PKG_CLOSURE_H

#include "base/str.h"
#include "arch/arch.h"
#include "pkg/package-tree.h"

/*
 * Copy into `to` every file of the packages that matches one of the patterns (path_match, with a
 * leading slash), and then what all programs in `to` need: their interpreter, the libraries they
 * name, those that these name, and the symlinks that lead there. What `to` has already is not
 * replaced, and its needs count too. Times become 0. The packages that files were taken from are
 * marked as used. WERR_NOT_FOUND when a library is not in any package, or when a pattern matches
 * nothing; then *ret_unmatched is its index (ret_unmatched may be NULL).
 */
int closure_copy(struct package_tree *from, struct tree *to, const struct arch *arch,
	const struct strv *keep, size_t *ret_unmatched, struct werr **err);

#endif
