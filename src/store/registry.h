/* SPDX-License-Identifier: Apache-2.0 */
/* Images from registries into the store, and from the store to registries. */
#ifndef WHERRY_STORE_REGISTRY_H
#define WHERRY_STORE_REGISTRY_H

#include "store/store.h"

struct net;

struct pull_options {
	const struct platform *platform; /* which image of an index; NULL: all of them */
	bool check; /* read also what the store has already, and replace what is damaged */
	const struct progress *progress; /* "pull" for all, "blob" for each */
};

/*
 * Pull n images, several blobs at once. Only what the store lacks is fetched; a blob becomes
 * visible when its size and digest have been checked; an image gets its name when all of it is
 * there. What went wrong with refs[i] is errors[i] (NULL: nothing; owned by the caller), and does
 * not stop the others. Returns the first failure's code; *err is only set when all of it was ended,
 * as by Ctrl-C.
 */
int store_pull(struct store *s, struct net *net, const struct reference *refs, size_t n,
	const struct pull_options *options, struct werr **errors, struct werr **err);

/*
 * Fetch the missing blobs of an image (by its full name) again; lost: blobs that were here. The
 * image stays the same, even when its name stands for another one in the registry by now.
 */
int store_mend(struct store *s, struct net *net, const char *name, const struct digest *lost,
	size_t n, struct werr **err);

/*
 * Take an image from a local engine, by the socket that engine_find() in net/engine.h finds.
 * *ret_there: the engine had it for the platform of the options.
 */
int store_import_engine(struct store *s, struct net *net, const char *socket,
	const struct reference *ref, const struct pull_options *options, bool *ret_there,
	struct werr **err);

/* Does the registry of an image's name have the very same image under it? Fails when the registry
 * can't be asked. */
int store_is_published(struct net *net, const struct store_entry *e, bool *ret, struct werr **err);

struct push_options {
	const char *remote_name;         /* its name there; NULL: the same as here */
	const struct platform *platform; /* only this of an index; NULL: all of it, whole */
	bool override;  /* replace another image of this name; without it that is WERR_EXISTS */
	bool merge;     /* the registry's index keeps its images for other platforms */
	bool arch_tags; /* also a tag TAG-ARCH for each image of an index */
	const struct progress *progress; /* "push" for all, "blob" for each */
};

/*
 * Push an image to the registry of its name. What the registry has, in this or another repository,
 * is not sent again; a manifest is sent after what it names, the tag last.
 */
int store_push(struct store *s, struct net *net, const struct reference *ref,
	const struct push_options *options, struct werr **err);

#endif
