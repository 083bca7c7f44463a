/* SPDX-License-Identifier: Apache-2.0 */
/* The directory of the outputs: made when it is missing, and removed again when the build fails. */
#ifndef WHERRY_OUTPUT_MADE_DIR_H
#define WHERRY_OUTPUT_MADE_DIR_H

#include "base/error.h"

struct made_dir {
	char *path;
	char *first; /* of the directories above it, the first that was made; NULL: none was */
};
int made_dir_make(struct made_dir *d, const char *path, struct werr **err);
/* Remove what was made, as far as it is empty: a build that failed leaves nothing. */
void made_dir_remove(const struct made_dir *d);
void made_dir_cleanup(struct made_dir *d);

#endif
