/* SPDX-License-Identifier: Apache-2.0 */
/* Resolving the images that a configuration names to images in the store. */
#ifndef WHERRY_RESOLVE_RESOLVE_H
#define WHERRY_RESOLVE_RESOLVE_H

#include "resolve/lockfile.h"
#include "config/config.h"

struct net;

struct resolve_options {
	struct store *store;
	struct platform platform;
	/* May be NULL. A name in the lock file refers to the image recorded there. */
	const struct lockfile *lock;
	bool locked;        /* a name that is not in the lock file is an error */
	struct net *net;    /* to fetch missing images; NULL: a missing image is an error */
	const char *engine; /* socket of a local engine that is asked first, or NULL */
	bool pull;          /* ask the registries even for images in the store */
	const struct progress *progress;
};

/*
 * Find the image of each of the n uses; ret[i] is the image of uses[i], owned by the caller also
 * after a failure (NULL: not found). Missing images are fetched, several at once. The name of an
 * image is its full name in the configuration. All images that can't be obtained are reported in
 * one list, each at its place in the configuration.
 */
int resolve_images(const struct config *c, const struct config_image_use *uses, size_t n,
	const struct resolve_options *o, struct image **ret, struct werr **err);

/* Find the image of a volume in the form of a layout, for all its platforms. */
int resolve_layout(const struct config *c, const struct config_volume *v,
	const struct resolve_options *o, struct image_layout **ret, struct werr **err);

/*
 * Make a lock file for path: the entries of o->lock, and the configuration's other images as they
 * resolve now.
 */
int resolve_lock(const struct config *c, const struct resolve_options *o, const char *path,
	struct lockfile **ret, struct werr **err);

#endif
