/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --input-tar: an earlier build's tar, from which what has not changed is taken instead of from
 * images. The tar holds the configuration that it was built from, as a file with `metadata`, at the
 * path where the new configuration has it. What is taken must equal what would be made. So a
 * container is taken when its entry is the same, all names that stand for ids are, and the image's
 * files are still in the same place; the root, where one image's files replace another's, is taken
 * whole or not at all. It goes unnoticed when a tag means another image by now.
 */
#ifndef WHERRY_PLAN_EARLIER_H
#define WHERRY_PLAN_EARLIER_H

#include "config/config.h"
#include "tree/tree.h"

struct earlier;
/*
 * *ret is NULL, with a warning, when the configuration has no metadata file or the tar lacks it.
 * WERR_INVALID: the configuration in the tar has mistakes; also the errors of tar-index.h. `now`
 * must outlive the result.
 */
int earlier_open(
	struct earlier **ret, const char *tar, const struct config *now, struct werr **err);
void earlier_free(struct earlier *e);
DEFINE_CLEANUP(struct earlier *, earlier_free, earlier)

/* Can it be taken? Indexes are those of the new configuration's arrays. Never when e is NULL. */
bool earlier_has_kernel(const struct earlier *e);
bool earlier_has_root(const struct earlier *e);
bool earlier_has_container(const struct earlier *e, size_t index);
bool earlier_has_volume(const struct earlier *e, size_t index);

/*
 * Put the entries with that origin into a tree, over what it has. source: an image's full name, or
 * another word.
 */
int earlier_put(const struct earlier *e, const char *source, const char *location, struct tree *to,
	struct werr **err);

#endif
