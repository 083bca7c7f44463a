/* SPDX-License-Identifier: Apache-2.0 */
/* The build step of a package: a command that runs on this machine and fills a folder, once for each hash. */
#ifndef WHERRY_PKG_STEP_H
#define WHERRY_PKG_STEP_H

#include "pkg/arch.h"
#include "pkg/build-yml.h"
#include "pkg/record.h"

/*
 * Run y->build in the package's folder dir, unless its result for this key is in the cache already (and not again). The command sees
 * only PATH, HOME, LC_ALL=C and:
 *   OUT                an empty folder, for what it makes
 *   ARCH               "amd64", as OCI writes it
 *   SOURCES            a folder with PACKAGE/ for each of sources:, the upstream tarball unpacked
 *   DEBIAN             a folder with what debian: keeps
 *   JOBS               how many processors it may use
 *   SOURCE_DATE_EPOCH  a fixed time
 * None of these paths has a blank in it. *ret_out is the folder in the cache that holds what OUT held, owned by the caller; it
 * must not be written to.
 */
int step_run(const struct build_yml *y, const char *dir, const char *cache_dir, const char *key,
	const struct arch *arch, bool again, char **ret_out, struct records *records,
	struct werr **err);

#endif
