/* SPDX-License-Identifier: Apache-2.0 */
/* Images of packages that are missing: one command makes all of them. */
#ifndef WHERRY_RESOLVE_UNMADE_H
#define WHERRY_RESOLVE_UNMADE_H

#include "config/config.h"
#include "resolve/lockfile.h"

struct unmade {
	struct strv dirs;  /* of the packages */
	struct werr *last; /* the last mistake about one */
};

/*
 * err says that the store does not have this image. If it is a package's, the image is rarely in a
 * registry: it is made from the package, and err loses its hint. But when the store has another
 * image than the lock file (or NULL), making it does not help. err must live until unmade_hint.
 */
void unmade_note(struct store *store, const struct lockfile *lock, const struct config *c,
	const char *image, const struct reference *ref, struct werr *err, struct unmade *ret);
/* Give the last mistake a hint that is for all, and release u. */
void unmade_hint(struct unmade *u);

#endif
