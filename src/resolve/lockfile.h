/* SPDX-License-Identifier: Apache-2.0 */
/*
 * FILE.lock: the image that each name of a configuration referred to when it was locked, so that a
 * later build is the same. JSON with sorted keys, one to a line, so that a change of one image
 * changes only its lines:
 *
 *     {"version": 1, "images": {"docker.io/library/redis:7": {
 *         "digest": "sha256:...",            an index or a manifest
 *         "platforms": {"linux/amd64": "sha256:..."}    the manifest of each platform
 *     }},
 *     "compressors": {"libzstd": "1.5.4"}}   initrd compressors; optional
 */
#ifndef WHERRY_RESOLVE_LOCKFILE_H
#define WHERRY_RESOLVE_LOCKFILE_H

#include "store/store.h"
#include "codec/codec.h"

enum { LOCKFILE_SIZE_MAX = 4 << 20 };

struct locked_platform {
	struct platform platform;
	struct digest manifest;
};
struct locked_image {
	char *name; /* full name */
	struct digest digest;
	struct locked_platform *platforms; /* in no particular order; sorted by name when written */
	size_t n;
};
struct lockfile {
	char *path;
	struct locked_image *images; /* in no particular order; sorted by name when written */
	size_t n, cap;
	/* Version of each codec's library; NULL: unknown. */
	char *compressors[CODECS];
};

struct lockfile *lockfile_new(const char *path);
/*
 * Read a lock file. Errors name the path, with a line and a column. WERR_NOT_FOUND when there is
 * none.
 */
int lockfile_read(const char *path, struct lockfile **ret, struct werr **err);
int lockfile_parse(
	const char *path, const char *text, size_t size, struct lockfile **ret, struct werr **err);
/* Replace the file at its path. */
int lockfile_write(const struct lockfile *l, struct werr **err);
/* Return the file's text, owned by the caller. The same images give the same text. */
char *lockfile_text(const struct lockfile *l);
void lockfile_free(struct lockfile *l);
DEFINE_CLEANUP(struct lockfile *, lockfile_free, lockfile)

/* Find an image by its full name; NULL when the lock file does not have it. */
const struct locked_image *lockfile_find(const struct lockfile *l, const char *name);
/* Return the manifest that suits a platform best, or NULL. */
const struct digest *locked_manifest(const struct locked_image *i, const struct platform *p);
/*
 * Record the compressors of another lock file, or this program's for those it lacks (before may be
 * NULL).
 */
void lockfile_set_compressors(struct lockfile *l, const struct lockfile *before);
/*
 * Warn when the lock file has another version of the codec's library: the bytes of an initrd may
 * then differ.
 */
void lockfile_check_compressor(const struct lockfile *l, enum codec codec);
void lockfile_add_copy(struct lockfile *l, const struct locked_image *i);
/* Add an image with all platforms of its index, whether they are in the store or not. */
int lockfile_add(struct lockfile *l, struct store *s, const char *name,
	const struct descriptor *top, struct werr **err);
/*
 * Replace an image that is locked by one that is the same on each locked platform, and is there for
 * more; leave it when that is not so.
 */
int lockfile_widen(struct lockfile *l, struct store *s, const char *name,
	const struct descriptor *top, struct werr **err);

#endif
