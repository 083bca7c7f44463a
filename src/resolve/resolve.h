/* SPDX-License-Identifier: Apache-2.0 */
/* From the images that a configuration names to images in the store. */
#ifndef WHERRY_RESOLVE_RESOLVE_H
#define WHERRY_RESOLVE_RESOLVE_H

#include "resolve/lockfile.h"
#include "config/config.h"

struct net;

struct resolve_options {
	struct store *store;
	struct platform platform;
	const struct lockfile *lock; /* or NULL. A name that is in it means the image it had then */
	bool locked;                 /* a name that is not in it is an error */
	struct net *net;             /* to fetch what the store has not; NULL: that is an error */
	const char *engine;          /* the socket of a local engine that is asked first, or NULL */
	bool pull;                   /* ask the registries also for what the store has */
	const struct progress *progress;
};

/*
 * Find the image of each of the n uses; ret[i] is the image of uses[i], owned by the caller also
 * after a failure (NULL: not found). What is missing is fetched, several images at once. An image's
 * name is what the configuration calls it, in full. All that can't be had are reported in one list,
 * each at its place in the configuration.
 */
int resolve_images(const struct config *c, const struct config_image_use *uses, size_t n,
	const struct resolve_options *o, struct image **ret, struct werr **err);

/* The image of a volume that is a layout, for all its platforms. */
int resolve_layout(const struct config_volume *v, const struct resolve_options *o,
	struct image_layout **ret, struct werr **err);

/* A lock file for path: what o->lock has, and the configuration's other images as they resolve now.
 */
int resolve_lock(const struct config *c, const struct resolve_options *o, const char *path,
	struct lockfile **ret, struct werr **err);

#endif
