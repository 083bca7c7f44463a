/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The build step of a package: a command that runs in a root of its own and fills a directory, once
 * for each key (pkg/step-key.h).
 */
#ifndef WHERRY_PKG_STEP_H
#define WHERRY_PKG_STEP_H

#include "arch/arch.h"
#include "base/progress.h"
#include "pkg/build-yml.h"
#include "pkg/record.h"

struct step {
	const struct pkg_yml *yml;
	const char *name;      /* of the package, for messages */
	const char *snapshot;  /* the package's sources: /package */
	const char *yml_name;  /* of build.yml in them, which the command sees as an empty file */
	const char *work;      /* a temporary directory, for what the step needs */
	const char *cache_dir; /* the store's */
	const char *key;       /* the result is kept under this name */
	const struct arch *arch;
	bool again;                      /* even if its result is in the cache */
	const struct progress *progress; /* told of the step "package" with progress_name */
	const char *progress_name;
};

struct step_result {
	char *out;             /* a directory in the cache with what was in OUT; read-only */
	struct records used;   /* sources, and packages that files in DEBIAN came from */
	struct records inside; /* packages in the root that it ran in */
};
void step_result_cleanup(struct step_result *r);

/*
 * Run yml->build, unless its result is in the cache. The command runs as nobody, in a root that has
 * the packages of build.packages and nothing of this machine (pkg/buildroot.h, pkg/sandbox.h), in
 * the read-only directory /package, with PATH, HOME and TMPDIR (/tmp), LC_ALL=C and only these
 * variables:
 *
 * - OUT: an empty directory, for what it makes
 * - ARCH: the architecture that it builds for, by OCI's name ("amd64")
 * - TRIPLET: GNU's name of that, which its compiler has ("i686-linux-gnu")
 * - MULTIARCH: Debian's name of that, of directories of libraries ("i386-linux-gnu")
 * - SOURCES: a directory with PACKAGE/ for each of sources:, the upstream tarball unpacked
 * - DEBIAN: a directory with what debian: keeps
 * - JOBS: how many processors it may use
 * - SOURCE_DATE_EPOCH: a fixed time
 */
int step_run(const struct step *s, struct step_result *ret, struct werr **err);

#endif
