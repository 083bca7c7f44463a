/* SPDX-License-Identifier: Apache-2.0 */
/* The formats of a build, whether they go together, and what has to be encoded for them. */
#ifndef WHERRY_OUTPUT_CHOSEN_H
#define WHERRY_OUTPUT_CHOSEN_H

#include "output/build.h"

enum { CHOSEN_MAX = 40 };

struct chosen {
	const struct format *formats[CHOSEN_MAX]; /* each once */
	size_t n;
	const struct root_kind *root; /* the user's; or NULL */
	struct pieces_options wanted; /* the encodings are added */
};

/* WERR_USAGE: what there is not, or what does not go together or with other options. */
int chosen_choose(struct chosen *c, const struct build_options *o, bool compat, struct werr **err);
/*
 * WERR_INVALID, in the user's file: a format boots, and no part has a kernel, which is known when
 * the pieces are made.
 */
int chosen_check_kernel(const struct chosen *c, const struct config *config,
	const struct pieces *pieces, struct werr **err);
/* Whether a format that holds files has those of another format of this build. */
bool chosen_holds_others(const struct chosen *c);
bool chosen_wants(const struct chosen *c, const struct encoding *e);
/* Where the root of a format is in this build; NULL: it has none. */
const struct root_kind *chosen_root(const struct chosen *c, const struct format *f);

#endif
