/* SPDX-License-Identifier: Apache-2.0 */
/* What a build says of one of its parts: struct build_part of output/build.h. */
#ifndef WHERRY_OUTPUT_BUILD_PART_H
#define WHERRY_OUTPUT_BUILD_PART_H

#include "output/build.h"
#include "output/pieces.h"

/*
 * Of the plan's part i. wanted: the encodings of the build; with `hash` the part's pieces are read
 * for their hashes, which can be interrupted.
 */
int build_part_describe(const struct pieces *pieces, const struct pieces_options *wanted, size_t i,
	bool hash, struct build_part *ret, struct werr **err);
void build_part_cleanup(struct build_part *p);

#endif
