/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the files of the push. */
#ifndef WHERRY_STORE_PUSH_H
#define WHERRY_STORE_PUSH_H

#include "net/registry.h"
#include "store/blob-set.h"
#include "store/internal.h"
#include "store/registry.h"

/* An image as the list of its blobs. */
struct push_list {
	struct descriptor *blobs; /* digest and size */
	size_t n_blobs, cap_blobs;
	/* A manifest follows what it names; the last one is the image. */
	struct descriptor *manifests;
	size_t n_manifests, cap_manifests;
	struct blob_set seen;
};

/* All of it must be in the store; the error WERR_NOT_FOUND names what is missing. */
int push_list_make(
	struct store *s, const struct descriptor *top, struct push_list *ret, struct werr **err);
void push_list_cleanup(struct push_list *l);

/*
 * ---- push-merge.c ----
 *
 * Make an index of all images in ours, and of those in theirs for other platforms. WERR_EXISTS when
 * theirs has another image for a platform of ours, unless override is set.
 */
int push_merge(const struct manifest *ours, const struct manifest *theirs, bool override,
	struct manifest **ret, struct werr **err);
bool push_merge_has(const struct manifest *m, const struct digest *d);
/*
 * Return the platforms that only the registry's manifest has, for a message; NULL when there are
 * none, or they can't be determined. Owned by the caller.
 */
char *push_lost_platforms(
	struct store *s, const struct descriptor *ours, const struct remote_manifest *theirs);
/* True when the merged index is the same as the registry's. */
bool push_merge_is_same(const struct manifest *merged, const struct manifest *theirs);

/* Other repositories of a registry that have blobs, as far as the store knows. */
struct push_sources {
	struct strv repositories;
	struct blob_set blobs; /* the value is the repository's index */
};
int push_sources_find(struct store *s, const struct reference *target, struct push_sources *ret,
	struct werr **err);
/* Return a repository that has the blob, or NULL. */
const char *push_source_of(const struct push_sources *p, const struct digest *d);
void push_sources_cleanup(struct push_sources *p);

struct push {
	struct store *store;
	struct remote *remote;
	const struct push_options *options;
	const char *name; /* full name of the target */
	struct push_list list;
	struct werr *incomplete; /* error for a missing part of the image, or NULL */
	/* Replacement for the image under the name, or NULL. */
	struct manifest *merged;
	struct push_sources sources;
	struct digest named; /* what the name stands for there, at the end */
	uint64_t total;
	_Atomic uint64_t done;
};

/*
 * ---- push-blob.c ----
 *
 * Send blob i of the list, unless the registry has it. A pool_job; ctx: the struct push.
 */
int push_blob_job(void *ctx, size_t i, struct werr **err);

#endif
