/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The build step of a package: a command that runs in a root of its own and fills a directory, once
 * for each hash.
 */
#ifndef WHERRY_PKG_STEP_H
#define WHERRY_PKG_STEP_H

#include "arch/arch.h"
#include "pkg/build-yml.h"
#include "pkg/record.h"

struct step {
	const struct pkg_yml *yml;
	const char *name;      /* of the package, for messages */
	const char *snapshot;  /* what the package is made of: /package */
	const char *work;      /* a temporary directory, for what the step needs */
	const char *cache_dir; /* the store's */
	const char *key;       /* its result is kept under */
	const struct arch *arch;
	bool again; /* whether its result is there or not */
};

struct step_result {
	char *out; /* a directory in the cache that holds what OUT held; not to be written to */
	struct records used;   /* sources, and packages that something of DEBIAN came from */
	struct records inside; /* packages in the root that it ran in */
};
void step_result_cleanup(struct step_result *r);

/*
 * Run yml->build, unless its result is in the cache. The command runs as nobody, in a root that
 * holds the packages of build.packages and nothing of this machine (pkg/buildroot.h,
 * pkg/sandbox.h), in the directory /package, which can't be written to, and sees only PATH, HOME
 * and TMPDIR (/tmp), LC_ALL=C and:
 *   OUT                an empty directory, for what it makes
 *   ARCH               "amd64", as OCI writes it: what it builds for
 *   SOURCES            a directory with PACKAGE/ for each of sources:, the upstream tarball
 * unpacked DEBIAN             a directory with what debian: keeps JOBS               how many
 * processors it may use SOURCE_DATE_EPOCH  a fixed time
 */
int step_run(const struct step *s, struct step_result *ret, struct werr **err);

#endif
