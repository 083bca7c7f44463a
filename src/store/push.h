/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the push share. */
#ifndef WHERRY_STORE_PUSH_H
#define WHERRY_STORE_PUSH_H

#include "net/registry.h"
#include "store/blob-set.h"
#include "store/internal.h"
#include "store/registry.h"

/* An image as the list of what it is made of. */
struct push_list {
	struct descriptor *blobs; /* digest and size */
	size_t n_blobs, cap_blobs;
	struct descriptor *manifests; /* each after what it names; the last one is the image */
	size_t n_manifests, cap_manifests;
	struct blob_set seen;
};

/* All of it must be in the store; WERR_NOT_FOUND names what is not. */
int push_list_make(
	struct store *s, const struct descriptor *top, struct push_list *ret, struct werr **err);
void push_list_cleanup(struct push_list *l);

/*
 * ---- push-merge.c ----
 *
 * Make an index of the images in `ours`, and of those that `theirs` has for other platforms.
 * WERR_EXISTS, without override, when `theirs` has another image for a platform of `ours`.
 */
int push_merge(const struct manifest *ours, const struct manifest *theirs, bool override,
	struct manifest **ret, struct werr **err);
bool push_merge_has(const struct manifest *m, const struct digest *d);
/*
 * The platforms that only the registry's manifest has, for a message; NULL: none, or not known.
 * Owned by the caller.
 */
char *push_lost_platforms(
	struct store *s, const struct descriptor *ours, const struct remote_manifest *theirs);
/* Is nothing added to `theirs`, nor removed? */
bool push_merge_is_same(const struct manifest *merged, const struct manifest *theirs);

/* Other repositories of a registry that have blobs, as far as the store knows. */
struct push_sources {
	struct strv repositories;
	struct blob_set blobs; /* the value is the index of the repository */
};
int push_sources_find(struct store *s, const struct reference *target, struct push_sources *ret,
	struct werr **err);
/* Or NULL. */
const char *push_source_of(const struct push_sources *p, const struct digest *d);
void push_sources_cleanup(struct push_sources *p);

#endif
