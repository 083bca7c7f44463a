/* SPDX-License-Identifier: Apache-2.0 */
/* What to say of an image that the local engine was asked for and does not have. */
#ifndef WHERRY_RESOLVE_SIMILAR_NAMES_H
#define WHERRY_RESOLVE_SIMILAR_NAMES_H

#include "resolve/resolve.h"

/* The engine's images, which it is asked for at the first image that is missing. */
struct similar_names {
	bool asked;
	struct strv names;
};
void similar_names_cleanup(struct similar_names *e);
/* Adds to the message that the engine lacks the image, and which one of it may have been meant. */
void similar_names_explain(struct similar_names *e, const struct resolve_options *o,
	const struct reference *ref, struct werr *err);

#endif
