/* SPDX-License-Identifier: Apache-2.0 */
/* Images from registries into the store, and from the store to registries. */
#ifndef WHERRY_STORE_REGISTRY_H
#define WHERRY_STORE_REGISTRY_H

#include "store/store.h"

struct net;

struct pull_options {
	const struct platform *platform; /* what is wanted of an index; NULL: all of it */
	bool check; /* read what is in the store already, and replace what is damaged */
	const struct progress *progress; /* "pull" for all, "blob" for each */
};

/*
 * Pull n images, several blobs at once. Only what the store has not is fetched; a blob is visible
 * only when its size and digest were checked; an image gets its name when all of it is there. What
 * went wrong with refs[i] is errors[i] (NULL: nothing; owned by the caller), and does not
 * keep the others from coming. Returns the first failure's code; *err is only set when the whole of
 * it was ended, as by Ctrl-C.
 */
int store_pull(struct store *s, struct net *net, const struct reference *refs, size_t n,
	const struct pull_options *options, struct werr **errors, struct werr **err);

/*
 * Fetch again what an image (its full name) lacks; lost: blobs of it that were here. The image
 * stays what it is, also when its name has come to stand for another one.
 */
int store_mend(struct store *s, struct net *net, const char *name, const struct digest *lost,
	size_t n, struct werr **err);

/*
 * Take an image from a local engine (engine_find says the socket; see net/engine.h), when it has it
 * for the platform of the options. *ret_there: it had.
 */
int store_import_engine(struct store *s, struct net *net, const char *socket,
	const struct reference *ref, const struct pull_options *options, bool *ret_there,
	struct werr **err);

/* Does the registry of an image's name have the very same image under it? Fails when it can't be
 * asked. */
int store_is_published(struct net *net, const struct store_entry *e, bool *ret, struct werr **err);

struct push_options {
	const char *remote_name;         /* what to call it there; NULL: as here */
	const struct platform *platform; /* only this of an index; NULL: all of it, whole */
	bool override;  /* replace another image of this name; without it that is WERR_EXISTS */
	bool merge;     /* an index of the registry's keeps its images for other platforms */
	bool arch_tags; /* also a tag TAG-ARCH for each image of an index */
	const struct progress *progress; /* "push" for all, "blob" for each */
};

/*
 * Push an image to the registry of its name. What the registry has is not sent again, also when
 * another repository of it has it; a manifest comes after what it names, the tag at last.
 */
int store_push(struct store *s, struct net *net, const struct reference *ref,
	const struct push_options *options, struct werr **err);

#endif
