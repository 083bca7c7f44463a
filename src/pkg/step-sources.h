/* SPDX-License-Identifier: Apache-2.0 */
/* Debian source packages for a build step. */
#ifndef WHERRY_PKG_STEP_SOURCES_H
#define WHERRY_PKG_STEP_SOURCES_H

#include "pkg/step.h"

/* Fetch build.sources, unpack each into into/PACKAGE, and add it to the records. */
int step_unpack_sources(
	const struct step *s, const char *into, struct records *records, struct werr **err);

#endif
