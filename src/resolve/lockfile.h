/* SPDX-License-Identifier: Apache-2.0 */
/*
 * FILE.lock: what each image name of a configuration stood for when it was locked, so that a build
 * is the same next year. JSON with sorted keys, one to a line, so that a change of one image is a
 * change of its lines:
 *
 *     {"version": 1,
 *
 *      "images": {"docker.io/library/redis:7": {"digest": "sha256:...",
 *
 *          "platforms": {"linux/amd64": "sha256:..."}}},
 *
 *      "compressors": {"libzstd": "1.5.4"}}
 *
 * "digest" is what the name stands for, an index or a manifest; "platforms" has the manifest of
 * each platform; "compressors" has the libraries that compress initrds, and may be missing.
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
	char *name; /* full */
	struct digest digest;
	struct locked_platform *platforms; /* in no order; sorted by name when written */
	size_t n;
};
struct lockfile {
	char *path;
	struct locked_image *images; /* in no order; sorted by name when written */
	size_t n, cap;
	char *compressors[CODECS]; /* each codec's library had that version; NULL: not known */
};

struct lockfile *lockfile_new(const char *path);
/* path is also the name in errors, which have a line and a column. WERR_NOT_FOUND when there is
 * none. */
int lockfile_read(const char *path, struct lockfile **ret, struct werr **err);
int lockfile_parse(
	const char *path, const char *text, size_t size, struct lockfile **ret, struct werr **err);
/* Replace the file at its path. */
int lockfile_write(const struct lockfile *l, struct werr **err);
/* The file's text, owned by the caller. The same images give the same text. */
char *lockfile_text(const struct lockfile *l);
void lockfile_free(struct lockfile *l);
DEFINE_CLEANUP(struct lockfile *, lockfile_free, lockfile)

/* name is a full name; NULL when it is not in it. */
const struct locked_image *lockfile_find(const struct lockfile *l, const char *name);
/* The manifest that serves a platform best, or NULL. */
const struct digest *locked_manifest(const struct locked_image *i, const struct platform *p);
/*
 * This program's compressors; or those of another lock file, and this program's where that one has
 * none.
 */
void lockfile_set_compressors(struct lockfile *l, const struct lockfile *before);
/*
 * Warn when the lock file knows another version of what compresses by codec: an initrd may have
 * other bytes then.
 */
void lockfile_check_compressor(const struct lockfile *l, enum codec codec);
void lockfile_add_copy(struct lockfile *l, const struct locked_image *i);
/* Add an image with all platforms of its index, those that are in the store and the others. */
int lockfile_add(struct lockfile *l, struct store *s, const char *name,
	const struct descriptor *top, struct werr **err);

#endif
