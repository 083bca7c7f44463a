/* SPDX-License-Identifier: Apache-2.0 */
/* Under which name the result of a build step is kept. */
#ifndef WHERRY_PKG_STEP_KEY_H
#define WHERRY_PKG_STEP_KEY_H

#include "arch/arch.h"
#include "pkg/build-yml.h"

/*
 * A name of a file, owned by the caller: a digest of what the step can see, so that packages with
 * the same sources and the same `build:` share one run. snapshot: the package's sources
 * (pkg/snapshot.h), of which build.yml (yml_name) does not count: the step does not see it.
 */
int step_key(const struct pkg_yml *yml, const char *yml_name, const char *snapshot,
	const struct arch *arch, char **ret, struct werr **err);

#endif
