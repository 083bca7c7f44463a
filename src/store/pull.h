/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shared by the files of the pull: first all images are resolved, then all their blobs are fetched,
 * then the images are named.
 */
#ifndef WHERRY_STORE_PULL_H
#define WHERRY_STORE_PULL_H

#include "net/registry.h"
#include "store/blob-set.h"
#include "store/internal.h"
#include "store/registry.h"

struct pull_image {
	struct store *store;
	const struct pull_options *options;
	const struct reference *ref;
	struct remotes remotes;   /* possible sources */
	struct descriptor top;    /* its index or manifest, once resolved */
	struct descriptor *blobs; /* all other blobs that it needs */
	size_t n, cap;
	struct blob_set seen;      /* of blobs */
	struct blob_set collected; /* of manifests and indexes */
	/* The same, from the outermost; each is written when all its blobs are present. */
	struct digest *manifests;
	size_t n_manifests, cap_manifests;
	int result;
	struct werr *err;
};

/* ---- pull-resolve.c ---- */

/* Fetch the manifests and list the blobs. */
int pull_resolve(struct pull_image *p, struct net *net, struct werr **err);
/*
 * Get a manifest that an index names, from the store or else from a remote; it is not written yet.
 */
int pull_manifest(
	struct pull_image *p, const struct descriptor *d, struct manifest **ret, struct werr **err);

/* ---- pull-blob.c ---- */

/* Check whether the blob is in the store, as thoroughly as the options ask. */
bool pull_has_blob(const struct pull_image *p, const struct descriptor *d);
/* Fetch from the first of the image's remotes that sends the right bytes. */
int pull_blob(struct pull_image *p, const struct descriptor *d,
	void (*moved)(void *ctx, uint64_t bytes), void *ctx, struct werr **err);

/* ---- pull-remotes.c ---- */

typedef int pull_step(struct pull_image *p, struct remote *remote, void *ctx, struct werr **err);
/*
 * Try the image's remotes in turn until one succeeds. The error is that of the registry, which
 * comes last.
 */
int pull_from_remotes(struct pull_image *p, pull_step *step, void *ctx, struct werr **err);
/* After a failure: true when asking the next remote is pointless. */
bool pull_is_final(int r);

#endif
