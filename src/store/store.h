/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The content-addressed cache: an OCI image layout (image-spec image-layout.md) whose index.json
 * lists images under the annotation org.opencontainers.image.ref.name with their full name. Any
 * number of processes may use it at once.
 */
#ifndef WHERRY_STORE_STORE_H
#define WHERRY_STORE_STORE_H

#include "base/io.h"
#include "base/progress.h"
#include "oci/image-config.h"
#include "oci/manifest.h"
#include "oci/reference.h"

struct store;

/* Open the store in a directory, which is made when it is missing. */
int store_open(struct store **ret, const char *dir, struct werr **err);
void store_free(struct store *s);
DEFINE_CLEANUP(struct store *, store_free, store)
const char *store_dir(const struct store *s);
/*
 * Where large files without a name go: the store's directory, or TMPDIR (else /var/tmp) when that
 * can't be written to.
 */
const char *store_spool_dir(const struct store *s);
/*
 * From here until store_free (or a removal through the same store) no process removes blobs: blobs
 * can be written, or found to exist, before anything names them, and an image that was found stays.
 * Every function below that writes or finds an image does this itself; call it before relying on
 * store_has_blob to skip writing a blob.
 */
int store_hold(struct store *s, struct werr **err);

/*
 * After a failed look-up: what was looked for is missing, damaged or not understood, so it is of no
 * use. Any other error (such as a disk that can't be read) leaves that open.
 */
bool store_is_no_use(int r);

/* ---- blobs ---- */

/* *ret: is it there, in whatever state? Fails when that can't be determined. */
int store_has_blob(struct store *s, const struct digest *d, bool *ret, struct werr **err);
/*
 * The blob's bytes; digest and size are checked as they are read: read to the end (reader_drain).
 * WERR_NOT_FOUND when it is not there; WERR_CORRUPT, with the way out as its hint, when it is
 * damaged.
 */
int store_open_blob(
	struct store *s, const struct descriptor *d, struct reader **ret, struct werr **err);
/* A small blob whole, checked; its d->size bytes are followed by a NUL. WERR_LIMIT when it is
 * larger than max. */
int store_read_blob(
	struct store *s, const struct descriptor *d, size_t max, char **ret, struct werr **err);

/* A blob being written; visible under its digest only after the commit. */
struct blob_writer;
int store_new_blob(struct store *s, struct blob_writer **ret, struct werr **err);
struct writer *blob_writer_stream(struct blob_writer *b); /* owned by the blob_writer */
/* expected may be NULL; another digest than expected is WERR_CORRUPT. Fills ret's digest and size
 * only. */
int blob_writer_commit(struct blob_writer *b, const struct digest *expected, struct descriptor *ret,
	struct werr **err);
void blob_writer_free(struct blob_writer *b); /* without a commit nothing remains */
DEFINE_CLEANUP(struct blob_writer *, blob_writer_free, blob_writer)
int store_put(
	struct store *s, const void *p, size_t size, struct descriptor *ret, struct werr **err);

/* ---- names ---- */

struct store_entry {
	char *name; /* full: docker.io/library/redis:latest */
	struct descriptor descriptor;
};
struct store_entries {
	struct store_entry *items; /* sorted by name */
	size_t n;
};
int store_list(struct store *s, struct store_entries *ret, struct werr **err);
void store_entries_cleanup(struct store_entries *e);
/* name is a full name; what it named before is replaced. WERR_NOT_FOUND when the store has no such
 * blob. */
int store_set_name(
	struct store *s, const char *name, const struct descriptor *d, struct werr **err);
/*
 * Blobs that nothing names any more are removed as well, unless another process is using the store:
 * then they go with the next removal.
 */
int store_remove(struct store *s, const struct reference *ref, struct werr **err);
/* Removes all images in the same way, and the kept pieces. */
int store_clean(struct store *s, struct werr **err);

/* ---- upkeep: gc.c, verify.c, usage.c ---- */

struct store_garbage {
	size_t blobs;
	uint64_t bytes;
};
/*
 * Remove the blobs that nothing names, and what killed processes left. WERR_TIMEOUT when
 * other processes have been using the store for ten seconds.
 */
int store_gc(struct store *s, struct store_garbage *ret, struct werr **err);

struct store_problem {
	struct digest digest;
	bool missing;       /* else its bytes are wrong */
	bool piece;         /* a kept piece (piece.h), not a blob; digest is its name */
	struct strv images; /* the full names of those that need it; of a damaged blob maybe none */
};
struct store_check {
	struct store_problem *problems; /* sorted by digest */
	size_t n, cap;
	size_t blobs, pieces; /* that were read */
	uint64_t bytes;
};
/*
 * Read every blob and kept piece and compare it with its digest, and the piece with this user's
 * secret, on all processors; find what named images lack. An image that is here for one platform
 * may lack the manifests of others, but not part of one.
 */
int store_verify(struct store *s, const struct progress *progress, struct store_check *ret,
	struct werr **err);
/* Remove the damaged blobs and pieces that a check has found, if they are still damaged.
 * WERR_TIMEOUT as store_gc. */
int store_remove_damaged(struct store *s, const struct store_check *check, struct werr **err);
void store_check_cleanup(struct store_check *c);

struct store_use {
	char *name;             /* full */
	uint64_t total, unique; /* bytes of its blobs; of those of no other image */
};
struct store_usage {
	struct store_use *images; /* sorted by name */
	size_t n, cap;
	uint64_t total, unused; /* bytes of all blobs; of those that nothing names */
	uint64_t pieces;        /* bytes of the kept pieces */
};
int store_measure(struct store *s, struct store_usage *ret, struct werr **err);
void store_usage_cleanup(struct store_usage *u);

/* ---- images ---- */

struct image {
	char *name;                   /* full */
	struct descriptor top;        /* what the name stands for: an index, or a manifest */
	struct descriptor descriptor; /* of the manifest that was chosen */
	struct manifest *manifest;    /* config and layers */
	struct image_config *config;
};
/*
 * Find an image for a platform. A digest finds whatever index or manifest has it, named or not.
 * WERR_NOT_FOUND when it is not in the store, or not for this platform (the message lists those it
 * has).
 */
int store_find_image(struct store *s, const struct reference *ref, const struct platform *platform,
	struct image **ret, struct werr **err);
void store_image_free(struct image *i);
DEFINE_CLEANUP(struct image *, store_image_free, image)

/* An image for several platforms, to be copied unchanged. */
struct image_layout {
	char *name;               /* full */
	struct descriptor top;    /* the index or manifest that the name stands for */
	struct descriptor *blobs; /* all that is needed, each once: media type, digest and size */
	size_t n_blobs;
};
/*
 * The blobs of an image for all of these platforms (n is 0: for all that it has; a platform without
 * a variant: for each variant). An index keeps its bytes, even if it names more. WERR_NOT_FOUND
 * when the image, a platform or a blob is missing.
 */
int store_find_layout(struct store *s, const struct reference *ref,
	const struct platform *platforms, size_t n, struct image_layout **ret, struct werr **err);
void store_image_layout_free(struct image_layout *l);
DEFINE_CLEANUP(struct image_layout *, store_image_layout_free, image_layout)

/*
 * The manifest of an image's attestations, next to it in its index; its layers are in-toto
 * statements. *ret is NULL when there is none, and owned by the caller. WERR_NOT_FOUND: the index
 * names one that is not in the store.
 */
int store_find_attestation(
	struct store *s, const struct image *image, struct manifest **ret, struct werr **err);

/* The index or manifest that a name stands for. *ret is the caller's to clean up. */
int store_resolve(
	struct store *s, const struct reference *ref, struct descriptor *ret, struct werr **err);
/*
 * The image for a platform that top (an index, or a manifest) has, or is; name: the full one.
 * WERR_NOT_FOUND as from store_find_image, which is this after store_resolve.
 */
int store_choose(struct store *s, const char *name, const struct descriptor *top,
	const struct platform *platform, struct image **ret, struct werr **err);

/* One image of an index. */
struct store_platform {
	struct platform platform;
	struct descriptor manifest;
	bool here;     /* all its blobs are in the store */
	uint64_t size; /* of its blobs, when it is here */
};
struct store_platforms {
	struct store_platform *items; /* in the index's order */
	size_t n, cap;
};
/* The images that top (an index, or a manifest) has. */
int store_list_platforms(struct store *s, const struct descriptor *top, struct store_platforms *ret,
	struct werr **err);
void store_platforms_cleanup(struct store_platforms *p);

/* ---- in and out ---- */

/*
 * Import every image of an OCI layout (directory or tar) or of a `docker save`/`podman save` tar,
 * from a path or, when it is "-", from stdin; a tar may be compressed by gzip, zstd, xz or bzip2.
 * An image that has only a tag gets `name` with that tag; one without a name gets `name` (NULL:
 * either is an error). Images of one name for several platforms become an index. An image of a
 * layout that is incomplete, or of an unknown kind, is left out with a warning; it is an error if
 * none is left, and so is a damaged blob. The names that were imported are added to imported; all
 * of them appear at once.
 */
int store_import(struct store *s, const char *path, const char *name,
	const struct progress *progress, struct strv *imported, struct werr **err);
/* The same from a tar as a stream; takes over from. title: its name in messages. */
int store_import_stream(struct store *s, struct reader *from, const char *title, const char *name,
	const struct progress *progress, struct strv *imported, struct werr **err);

enum store_format {
	STORE_FORMAT_OCI,    /* an OCI layout */
	STORE_FORMAT_DOCKER, /* what `docker load` reads */
};
struct export_options {
	enum store_format format;
	const struct platform *platform; /* NULL: all of them, as OCI; Docker's needs one */
	const char *name;                /* its name there; NULL: the same as here */
};
/* Write an image as a tar. */
int store_export(struct store *s, const struct reference *ref, const struct export_options *o,
	struct writer *to, struct werr **err);
/* The same as files in a directory, which is written under another name and renamed: it must be
 * missing or empty. */
int store_export_dir(struct store *s, const struct reference *ref, const struct export_options *o,
	const char *dir, struct werr **err);

#endif
