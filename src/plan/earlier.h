/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An earlier build's tar, from which what has not changed is taken instead of from images:
 * --input-tar. The tar holds the configuration that it was built from, as a file with `metadata`,
 * in the place where the new one has it.
 *
 * What is taken must be what would be made anew. So a container is taken when its entry is the
 * same, all names that stand for ids are, and the image's files are still where they were; what is
 * in the root, where one image's files replace another's, is taken as a whole or not at all. That a
 * tag means another image by now is not seen.
 */
#ifndef WHERRY_PLAN_EARLIER_H
#define WHERRY_PLAN_EARLIER_H

#include "config/config.h"
#include "tree/tree.h"

struct earlier;
/*
 * *ret is NULL, with a warning, when the configuration has no metadata file, or the tar does not
 * have it. WERR_INVALID: the configuration in the tar has mistakes; errors of tar-index.h. now must
 * outlive it.
 */
int earlier_open(
	struct earlier **ret, const char *tar, const struct config *now, struct werr **err);
void earlier_free(struct earlier *e);
DEFINE_CLEANUP(struct earlier *, earlier_free, earlier)

/* Can it be taken? e may be NULL: never. By indexes in now's arrays. */
bool earlier_has_kernel(const struct earlier *e);
bool earlier_has_root(const struct earlier *e);
bool earlier_has_container(const struct earlier *e, size_t index);
bool earlier_has_volume(const struct earlier *e, size_t index);

/* Put the entries from there into a tree, over what it has; source: an image's full name, or
 * another word. */
int earlier_put(const struct earlier *e, const char *source, const char *location, struct tree *to,
	struct werr **err);

#endif
