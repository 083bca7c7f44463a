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

/* Open the store in the directory dir, which is created when it is missing. */
int store_open(struct store **ret, const char *dir, struct werr **err);
void store_free(struct store *s);
DEFINE_CLEANUP(struct store *, store_free, store)
const char *store_dir(const struct store *s);
/*
 * The directory for large unnamed files: the store's own, or TMPDIR (else /var/tmp) when the store
 * can't be written to.
 */
const char *store_spool_dir(const struct store *s);
/*
 * Keep all processes from removing blobs until store_free, or until a removal through this store.
 * So blobs can be written, or found to exist, before something names them, and an image that was
 * found stays. Every function below that writes or finds an image does this itself; call it before
 * using store_has_blob to decide that a blob need not be written.
 */
int store_hold(struct store *s, struct werr **err);

/*
 * True when the error r of a look-up means that the item is missing, damaged or not understood, so
 * that it can't be used. Any other error (such as a disk that can't be read) says nothing about the
 * item.
 */
bool store_is_no_use(int r);

/* ---- blobs ---- */

/* *ret: whether the blob exists, damaged or not. Fails when that can't be found out. */
int store_has_blob(struct store *s, const struct digest *d, bool *ret, struct werr **err);
/*
 * Open a blob for reading. Its digest and size are checked on the way: read to the end
 * (reader_drain). WERR_NOT_FOUND when it does not exist; WERR_CORRUPT, with a hint about the
 * repair, when it is damaged.
 */
int store_open_blob(
	struct store *s, const struct descriptor *d, struct reader **ret, struct werr **err);
/*
 * Read and check a small blob as a whole; its d->size bytes are followed by a NUL. WERR_LIMIT when
 * it is larger than max.
 */
int store_read_blob(
	struct store *s, const struct descriptor *d, size_t max, char **ret, struct werr **err);

enum store_place {
	STORE_PLACE_TO_READ, /* the file may be the store's own: nobody may write to it */
	STORE_PLACE_COPY,    /* a copy, where zeros are holes, for its owner only */
};
/*
 * Put a blob, which is checked, into a file. A copy replaces nothing, even what gets the name in
 * the meantime: it would be the disk of a machine that was started at the same time.
 */
int store_place_blob(struct store *s, const struct descriptor *d, enum store_place how,
	const char *path, struct werr **err);

/* A blob being written; visible under its digest only after the commit. */
struct blob_writer;
int store_new_blob(struct store *s, struct blob_writer **ret, struct werr **err);
struct writer *blob_writer_stream(struct blob_writer *b); /* owned by the blob_writer */
/*
 * Give the blob its name. WERR_CORRUPT when its digest is not `expected` (which may be NULL). Fills
 * only ret's digest and size.
 */
int blob_writer_commit(struct blob_writer *b, const struct digest *expected, struct descriptor *ret,
	struct werr **err);
void blob_writer_free(struct blob_writer *b); /* removes an uncommitted blob */
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
/*
 * Set a full name, replacing an existing one. WERR_NOT_FOUND when the store does not have the blob.
 */
int store_set_name(
	struct store *s, const char *name, const struct descriptor *d, struct werr **err);
/*
 * The same, if the name still stands for `was` (NULL: for nothing); *ret_done: it did. So whoever
 * makes an index out of another one loses nothing that somebody else has added meanwhile.
 */
int store_replace_name(struct store *s, const char *name, const struct digest *was,
	const struct descriptor *d, bool *ret_done, struct werr **err);
/*
 * Remove a name and the blobs that nothing names any more. While another process is using the
 * store, the blobs stay until the next removal.
 */
int store_remove(struct store *s, const struct reference *ref, struct werr **err);
/* Remove all names and blobs in the same way, and the kept pieces. */
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

/* What store_remove and store_clean have removed so far, of blobs and pieces. */
struct store_garbage store_freed(const struct store *s);

struct store_problem {
	struct digest digest;
	bool missing; /* otherwise its bytes are wrong */
	bool piece;   /* a kept piece (piece.h) instead of a blob; digest is its name */
	/* Full names of the images that need it; a damaged blob may have none. */
	struct strv images;
};
struct store_check {
	struct store_problem *problems; /* sorted by digest */
	size_t n, cap;
	size_t blobs, pieces; /* number of those that were read; bytes: their size */
	uint64_t bytes;
};
/*
 * Read every blob and kept piece, on all processors: compare each with its digest, check that this
 * user's secret certifies each piece, and find what named images lack. An image that is in the
 * store for one platform may lack the manifests of other platforms, but not a part of its own.
 */
int store_verify(struct store *s, const struct progress *progress, struct store_check *ret,
	struct werr **err);
/*
 * Remove the blobs and pieces that a check found damaged and that still are. WERR_TIMEOUT as in
 * store_gc.
 */
int store_remove_damaged(struct store *s, const struct store_check *check, struct werr **err);
void store_check_cleanup(struct store_check *c);

struct store_use {
	char *name;             /* full name */
	uint64_t total, unique; /* bytes of all its blobs; of those no other image has */
};
struct store_usage {
	struct store_use *images; /* sorted by name */
	size_t n, cap;
	uint64_t total, unused; /* bytes of all blobs; of those nothing names */
	uint64_t pieces;        /* bytes of the kept pieces */
};
int store_measure(struct store *s, struct store_usage *ret, struct werr **err);
void store_usage_cleanup(struct store_usage *u);

/* ---- images ---- */

struct image {
	char *name;                   /* full name */
	struct descriptor top;        /* the index or manifest that the name refers to */
	struct descriptor descriptor; /* of the manifest that was chosen */
	struct manifest *manifest;    /* config and layers */
	struct image_config *config;  /* NULL: it is an artifact, see manifest_is_artifact */
	struct platform platform;     /* of an artifact, what the index says */
};
/*
 * Find an image for a platform. A digest finds any index or manifest that has it, whether it has a
 * name or not. WERR_NOT_FOUND when the image is not in the store, or not for this platform (the
 * message lists its platforms).
 */
int store_find_image(struct store *s, const struct reference *ref, const struct platform *platform,
	struct image **ret, struct werr **err);
void store_image_free(struct image *i);
DEFINE_CLEANUP(struct image *, store_image_free, image)

/* An image for several platforms, to be copied unchanged. */
struct image_layout {
	char *name;            /* full name */
	struct descriptor top; /* the index or manifest that the name refers to */
	/* Everything needed, each blob once: media type, digest and size. */
	struct descriptor *blobs;
	size_t n_blobs;
};
/*
 * List the blobs of an image for all these platforms (n = 0: for all that it has; a platform
 * without a variant: for each variant). An index is kept byte for byte, even if it lists more.
 * WERR_NOT_FOUND when the image, a platform or a blob is missing.
 */
int store_find_layout(struct store *s, const struct reference *ref,
	const struct platform *platforms, size_t n, struct image_layout **ret, struct werr **err);
void store_image_layout_free(struct image_layout *l);
DEFINE_CLEANUP(struct image_layout *, store_image_layout_free, image_layout)

/*
 * Find the attestation manifest of an image, next to it in its index; its layers are in-toto
 * statements. *ret is NULL when there is none; the caller owns it. WERR_NOT_FOUND when the index
 * lists one that is not in the store.
 */
int store_find_attestation(
	struct store *s, const struct image *image, struct manifest **ret, struct werr **err);

/* Find the index or manifest that a name refers to. The caller cleans up *ret. */
int store_resolve(
	struct store *s, const struct reference *ref, struct descriptor *ret, struct werr **err);
/*
 * Choose the image for a platform from top, an index or a manifest; name is the full name.
 * WERR_NOT_FOUND as in store_find_image, which is store_resolve followed by this.
 */
int store_choose(struct store *s, const char *name, const struct descriptor *top,
	const struct platform *platform, struct image **ret, struct werr **err);
/* The same, but an artifact is as good; for the others that is WERR_UNSUPPORTED. */
int store_choose_any(struct store *s, const char *name, const struct descriptor *top,
	const struct platform *platform, struct image **ret, struct werr **err);

/* One image of an index. */
struct store_platform {
	struct platform platform;
	struct descriptor manifest;
	/* All its blobs are in the store. A pull fetches only the platforms that are needed. */
	bool here;
	uint64_t size; /* size of its blobs, when it is present */
};
struct store_platforms {
	struct store_platform *items; /* in the index's order */
	size_t n, cap;
};
/* List the images of top, an index or a manifest. */
int store_list_platforms(struct store *s, const struct descriptor *top, struct store_platforms *ret,
	struct werr **err);
void store_platforms_cleanup(struct store_platforms *p);

/* ---- in and out ---- */

/*
 * Import every image of an OCI layout (directory or tar) or of a `docker save`/`podman save` tar,
 * from a path or, when it is "-", from stdin; a tar may be compressed by gzip, zstd, xz or bzip2.
 * An image that has only a tag gets `name` with that tag; one without a name gets `name` (NULL:
 * either is an error). If there is but one image, `name` replaces the name that it has, and several
 * with names are an error (NULL: they keep their names). Several images of one name for different
 * platforms become an index. An image of a layout that is incomplete or of an unknown kind is left
 * out with a warning. It is an error when no image is left or a blob is damaged. The imported names
 * are added to `imported`; all of them are set at once.
 */
int store_import(struct store *s, const char *path, const char *name,
	const struct progress *progress, struct strv *imported, struct werr **err);
/* Import from a tar stream; takes ownership of `from`. title: its name in messages. */
int store_import_stream(struct store *s, struct reader *from, const char *title, const char *name,
	const struct progress *progress, struct strv *imported, struct werr **err);

/*
 * Import the one image of such a file or directory without naming it: *ret is its index or
 * manifest, which the caller cleans up. Call store_hold first, so that it stays.
 */
int store_import_unnamed(struct store *s, const char *path, const struct progress *progress,
	struct descriptor *ret, struct werr **err);

enum store_format {
	STORE_FORMAT_OCI,    /* an OCI layout */
	STORE_FORMAT_DOCKER, /* what `docker load` reads */
};
struct export_options {
	enum store_format format;
	const struct platform *platform; /* NULL: all of them (OCI only; Docker's form needs one) */
	const char *name;                /* name in the export of one image; NULL: unchanged */
};
/* Write n images as a tar. WERR_USAGE: several with a name in the options. */
int store_export(struct store *s, const struct reference *refs, size_t n,
	const struct export_options *o, struct writer *to, struct werr **err);
/*
 * Write them as files in a directory, which must not exist or be empty. It is written next to
 * its final place and then renamed.
 */
int store_export_dir(struct store *s, const struct reference *refs, size_t n,
	const struct export_options *o, const char *dir, struct werr **err);

#endif
