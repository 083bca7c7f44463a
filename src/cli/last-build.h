/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the last builds of a YAML file had in them, for `size`: a piece in the cache, which goes the
 * way of pieces, with the keys of the sheets of their parts (output/encoding.h).
 */
#ifndef WHERRY_CLI_LAST_BUILD_H
#define WHERRY_CLI_LAST_BUILD_H

#include "cli/weights.h"
#include "output/build.h"

/* Keep what was built of a file for an architecture. A failure is logged. */
void last_build_keep(
	struct store *s, const char *file, const char *arch, const struct build_report *r);
/*
 * Set since, before, and what the components weighed, by the last build that had something else in
 * it than what a build would have now; and what parts weigh packed that only builds know.
 */
void last_build_compare(struct subject *s, const char *file, const char *arch, struct weights *w);

#endif
