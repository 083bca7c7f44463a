/* SPDX-License-Identifier: Apache-2.0 */
/* Images from registries into the store, and from the store to registries. */
#ifndef WHERRY_STORE_REGISTRY_H
#define WHERRY_STORE_REGISTRY_H

#include "store/store.h"

struct net;

struct pull_options {
	const struct platform *platform; /* wanted from an index; NULL: all of it */
	bool check; /* check blobs already in the store and replace damaged ones */
	const struct progress *progress; /* "pull" for the whole, "blob" for each blob */
};

/*
 * Pull n images, several blobs at once. Only blobs that the store lacks are fetched; a blob becomes
 * visible once its size and digest are checked; an image gets its name once it is complete.
 * errors[i] is the failure of refs[i] (NULL: none; owned by the caller), and does not keep the
 * others from being pulled. Returns the code of the first failure; sets *err only when the whole
 * pull was ended, as by Ctrl-C.
 */
int store_pull(struct store *s, struct net *net, const struct reference *refs, size_t n,
	const struct pull_options *options, struct werr **errors, struct werr **err);

/*
 * Fetch again the blobs that an image (a full name) lacks; lost: blobs of it that the store had.
 * The image stays the same even when its name now refers to another one.
 */
int store_mend(struct store *s, struct net *net, const char *name, const struct digest *lost,
	size_t n, struct werr **err);

/*
 * Take an image from a local engine (engine_find gives the socket; see net/engine.h) if it has it
 * for the platform in the options. *ret_there: whether it had.
 */
int store_import_engine(struct store *s, struct net *net, const char *socket,
	const struct reference *ref, const struct pull_options *options, bool *ret_there,
	struct werr **err);

/* Add the names of the engine's images, as it has them. */
int store_engine_names(struct net *net, const char *socket, struct strv *names, struct werr **err);

/* Give a local engine an image, for the platform in the options, under its name in the store. */
int store_export_engine(struct store *s, struct net *net, const char *socket,
	const struct reference *ref, const struct pull_options *options, struct werr **err);

/*
 * Check whether the registry has the very same image under its name. Fails when the registry can't
 * be asked.
 */
int store_is_published(struct net *net, const struct store_entry *e, bool *ret, struct werr **err);

/*
 * Give an image in a registry a second tag, without pulling it. *ret_same: the tag was there and
 * names this image, whose digest is *ret. Another image of this name is replaced.
 */
int store_tag_remote(struct net *net, const struct reference *from, const struct reference *to,
	bool *ret_same, struct digest *ret, struct werr **err);
/*
 * Make an index of the images TAG-ARCH that the registry has, for the architectures in archs (NULL
 * ends them), and give it the tag. ret_found gets their architectures, *ret its digest.
 * WERR_NOT_FOUND: there are none.
 */
int store_index_remote(struct net *net, const struct reference *ref, const char *const *archs,
	struct strv *ret_found, struct digest *ret, struct werr **err);

struct push_options {
	const char *remote_name;         /* name in the registry; NULL: unchanged */
	const struct platform *platform; /* only this one of an index; NULL: the whole index */
	bool override;  /* replace another image of this name, otherwise WERR_EXISTS */
	bool merge;     /* keep the images that the registry has for other platforms */
	bool arch_tags; /* also a tag TAG-ARCH for each image of an index */
	const struct progress *progress; /* "push" for the whole, "blob" for each blob */
};

struct push_result {
	char *name;           /* full name in the registry; owned */
	struct digest digest; /* what the name stands for there now */
	bool was_there;       /* it did so before */
};

/*
 * Push an image to the registry of its name. Blobs that the registry has, in this or another
 * repository, are not sent again. Manifests follow what they name; the tag comes last. ret may be
 * NULL.
 */
int store_push(struct store *s, struct net *net, const struct reference *ref,
	const struct push_options *options, struct push_result *ret, struct werr **err);

#endif
