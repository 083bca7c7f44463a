/* SPDX-License-Identifier: Apache-2.0 */
/* From an image's descriptor to all the blobs that it is made of. */
#ifndef WHERRY_STORE_WALK_H
#define WHERRY_STORE_WALK_H

#include "store/blob-set.h"
#include "store/internal.h"

enum { WALK_DEPTH_MAX = 4 }; /* indexes in indexes */

/* What is not an error. A blob that can't be looked for or read always is one. */
enum walk_mode {
	WALK_IMAGE, /* what an image may lack: see walk_image */
	/* anything missing, and entries that are not images: all that is here is visited */
	WALK_HERE,
	/* the same; and a manifest that is damaged or not understood, which then names nothing */
	WALK_HERE_WELL,
};

/*
 * Each digest is visited once. visit makes sure that the blob is in the store, or returns -ENOENT
 * when it can't be had; what a manifest names is visited after the manifest.
 */
struct walk {
	struct store *store;
	int (*visit)(struct walk *w, const struct descriptor *d, struct werr **err);
	void *ctx;
	enum walk_mode mode;
	bool in_index; /* for visit: an index lists the blob, which may have been left out */
	struct blob_set seen;
	struct digest missing; /* the first blob that could not be had; empty: none */
	bool whole;            /* after walk_image: one of the images is complete */
};

/*
 * All blobs of an image. An index may lack blobs as long as one of its images is complete;
 * otherwise WERR_NOT_FOUND names what is missing (only with WALK_IMAGE).
 */
int walk_image(struct walk *w, const struct descriptor *d, struct werr **err);
/* After all images were walked: is the blob here, with at least one complete image that it names?
 */
bool walk_is_whole(const struct walk *w, const struct digest *d);
/* A visit that only looks. */
int walk_is_there(struct walk *w, const struct descriptor *d, struct werr **err);
void walk_cleanup(struct walk *w);

#endif
