/* SPDX-License-Identifier: Apache-2.0 */
/* Visit all blobs of an image, starting from its descriptor. */
#ifndef WHERRY_STORE_WALK_H
#define WHERRY_STORE_WALK_H

#include "store/blob-set.h"
#include "store/internal.h"

enum { WALK_DEPTH_MAX = 4 }; /* depth of indexes in indexes */

/* What is not an error. A blob that can't be looked up or read always is one. */
enum walk_mode {
	WALK_IMAGE, /* only what an image may lack: see walk_image */
	/* Anything missing, and entries that are not images: visit everything present. */
	WALK_HERE,
	/* The same, and manifests that are damaged or not understood, which then name nothing. */
	WALK_HERE_WELL,
};

/*
 * Visits each digest once. visit makes sure that the blob is in the store, or returns -ENOENT when
 * it can't be obtained; the blobs of a manifest are visited after the manifest.
 */
struct walk {
	struct store *store;
	int (*visit)(struct walk *w, const struct descriptor *d, struct werr **err);
	void *ctx;
	enum walk_mode mode;
	/* For visit: an index lists the blob, so it may be missing. */
	bool in_index;
	struct blob_set seen;
	struct digest missing; /* first missing blob; empty: none */
	bool whole;            /* after walk_image: one of the images is complete */
};

/*
 * Walk all blobs of an image. An index may lack blobs as long as one of its images is complete;
 * otherwise WERR_NOT_FOUND says what is missing (only with WALK_IMAGE).
 */
int walk_image(struct walk *w, const struct descriptor *d, struct werr **err);
/*
 * After all images were walked: true when the blob is present, and with it an image that it names.
 */
bool walk_is_whole(const struct walk *w, const struct digest *d);
/* A visit function that only checks whether the blob is in the store. */
int walk_is_there(struct walk *w, const struct descriptor *d, struct werr **err);
void walk_cleanup(struct walk *w);

#endif
