/* SPDX-License-Identifier: Apache-2.0 */
/* The debian: section of a build.yml: from names of packages to files. */
#ifndef WHERRY_PKG_DEBIAN_H
#define WHERRY_PKG_DEBIAN_H

#include "arch/arch.h"
#include "pkg/apt.h"
#include "pkg/build-yml.h"
#include "pkg/record.h"

/* Find an architecture by OCI's name; NULL when Debian does not have it. */
const struct arch *debian_arch(const char *name);

/*
 * Fetch the packages and copy into `to` what keep selects and what the programs in `to` need
 * (pkg/closure.h). A section without packages only checks that those programs need nothing.
 * cache_dir: the store's directory.
 */
int debian_copy(const struct pkg_debian *d, const char *cache_dir, const struct arch *arch,
	struct tree *to, struct records *records, struct werr **err);

/* The suite of packages of an architecture when none is named: the first that has it. */
const char *debian_suite(const struct arch *arch);
/* Add what names in build.yml mean for an architecture. */
void debian_names(const struct strv *packages, const struct arch *arch, struct strv *ret);
/*
 * Fetch packages and all that they depend on. WERR_UNSUPPORTED when the suite does not have the
 * architecture.
 */
int debian_fetch(const struct apt_suite *suite, const struct strv *names, const char *cache_dir,
	const struct arch *arch, struct apt_files *ret, struct werr **err);

#endif
