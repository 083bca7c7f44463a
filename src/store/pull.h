/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the pull share: first all images are resolved, then all their blobs are
 * fetched, then they are named. */
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
	struct remotes remotes;   /* where it may come from */
	struct descriptor top;    /* its index or manifest, once it is resolved */
	struct descriptor *blobs; /* all others that it needs */
	size_t n, cap;
	struct blob_set seen;      /* of blobs */
	struct blob_set collected; /* of manifests and indexes */
	/* The same, from the outermost; each is written when all its blobs are there. */
	struct digest *manifests;
	size_t n_manifests, cap_manifests;
	int result;
	struct werr *err;
};

/* ---- pull-resolve.c ---- */

/* Fetch the manifests and list the blobs. */
int pull_resolve(struct pull_image *p, struct net *net, struct werr **err);
/* A manifest that an index names, from the store or a remote; it is not written yet. */
int pull_manifest(
	struct pull_image *p, const struct descriptor *d, struct manifest **ret, struct werr **err);

/* ---- pull-blob.c ---- */

/* Is it in the store, checked as the options say? */
bool pull_has_blob(const struct pull_image *p, const struct descriptor *d);
/* From the first of the image's remotes that sends it correctly. */
int pull_blob(struct pull_image *p, const struct descriptor *d,
	void (*moved)(void *ctx, uint64_t bytes), void *ctx, struct werr **err);

/* ---- pull-remotes.c ---- */

typedef int pull_step(struct pull_image *p, struct remote *remote, void *ctx, struct werr **err);
/*
 * Take the step with each of the image's remotes until one succeeds. The error is that of the
 * registry, the last one.
 */
int pull_from_remotes(struct pull_image *p, pull_step *step, void *ctx, struct werr **err);
/* After a failure: is it pointless to ask the next remote? */
bool pull_is_final(int r);

#endif
