/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The content-addressed cache: an OCI image layout (image-spec image-layout.md) whose index.json lists images under
 * the annotation org.opencontainers.image.ref.name with their full name. Any number of processes may use it at once.
 */
#ifndef WHERRY_STORE_STORE_H
#define WHERRY_STORE_STORE_H

#include "base/io.h"
#include "base/progress.h"
#include "oci/image-config.h"
#include "oci/manifest.h"
#include "oci/reference.h"

struct store;

/* Open the store in a folder, which is made when it is missing. */
int store_open(struct store **ret, const char *dir, struct werr **err);
void store_free(struct store *s);
DEFINE_CLEANUP(struct store *, store_free, store)
const char *store_dir(const struct store *s);
/*
 * From here until store_free (or a removal through the same store) no process removes blobs, so that blobs can be
 * written, or found to be there already, before something names them. Every function below that writes does it
 * itself; call it before store_has_blob decides that a blob need not be written.
 */
int store_hold(struct store *s, struct werr **err);

/* ---- blobs ---- */

bool store_has_blob(struct store *s, const struct digest *d);
/*
 * The blob's bytes; digest and size are checked as they are read: read to the end (reader_drain). WERR_NOT_FOUND when
 * it is not there; WERR_CORRUPT, with the way out as its hint, when it is damaged.
 */
int store_open_blob(
	struct store *s, const struct descriptor *d, struct reader **ret, struct werr **err);
/* A small blob whole, checked; its d->size bytes have a NUL behind them. WERR_LIMIT when it is larger than max. */
int store_read_blob(
	struct store *s, const struct descriptor *d, size_t max, char **ret, struct werr **err);

/* A blob that is being written; visible under its digest only after the commit. */
struct blob_writer;
int store_new_blob(struct store *s, struct blob_writer **ret, struct werr **err);
struct writer *blob_writer_stream(struct blob_writer *b); /* owned by the blob_writer */
/* expected may be NULL; another digest than expected is WERR_CORRUPT. Fills ret's digest and size only. */
int blob_writer_commit(struct blob_writer *b, const struct digest *expected, struct descriptor *ret,
	struct werr **err);
void blob_writer_free(struct blob_writer *b); /* without a commit, nothing is left */
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
/* name is a full name; what it named before is replaced. WERR_NOT_FOUND when the store has no such blob. */
int store_set_name(
	struct store *s, const char *name, const struct descriptor *d, struct werr **err);
/*
 * reference as the user writes it. Blobs that nothing names any more are removed as well, unless another process is
 * writing to the store: then they go with the next removal.
 */
int store_remove(struct store *s, const char *reference, struct werr **err);
/* Everything, in the same way. */
int store_clean(struct store *s, struct werr **err);

/* ---- images ---- */

struct image {
	char *name;                   /* full */
	struct descriptor descriptor; /* of the manifest that was chosen */
	struct manifest *manifest;    /* config and layers */
	struct image_config *config;
};
/*
 * Find an image by the reference the user wrote, for a platform. A digest finds the image also under its tag, and
 * one platform's manifest in its index. WERR_NOT_FOUND when it is not in the store, or not for this platform (the
 * message lists those it has).
 */
int store_find_image(struct store *s, const char *reference, const struct platform *platform,
	struct image **ret, struct werr **err);
void image_free(struct image *i);
DEFINE_CLEANUP(struct image *, image_free, image)

/* An image for several platforms, to be copied as it is. */
struct image_layout {
	char *name;               /* full */
	struct descriptor top;    /* the index or manifest that the name stands for */
	struct descriptor *blobs; /* all that is needed, each once: media type, digest and size */
	size_t n_blobs;
};
/*
 * The blobs of an image for all of these platforms (n is 0: for all that it has; a platform without a variant: for each
 * variant). An index keeps its bytes, also where it names more. WERR_NOT_FOUND when the image, a platform or a blob is missing.
 */
int store_find_layout(struct store *s, const char *reference, const struct platform *platforms,
	size_t n, struct image_layout **ret, struct werr **err);
void image_layout_free(struct image_layout *l);
DEFINE_CLEANUP(struct image_layout *, image_layout_free, image_layout)

/*
 * The manifest of what is attested of an image, beside it in its index; its layers are in-toto statements. *ret is NULL when there is
 * none, and owned by the caller. WERR_NOT_FOUND: the index names one, but it is not in the store.
 */
int store_find_attestation(
	struct store *s, const struct image *image, struct manifest **ret, struct werr **err);

/* ---- in and out ---- */

/*
 * Import every image of an OCI layout (folder or tar) or of a `docker save`/`podman save` tar, from a path or, when
 * it is "-", from stdin; a tar may be gzipped. An image that has only a tag gets name with that tag; one without a
 * name gets `name` (NULL: that is an error). An image of a layout that is incomplete, or not one we know, is left
 * out with a warning; none left is an error, and so is a damaged blob. The names that were imported are added to
 * imported; all of them appear at once.
 */
int store_import(struct store *s, const char *path, const char *name,
	const struct progress *progress, struct strv *imported, struct werr **err);

enum store_format {
	STORE_FORMAT_OCI,    /* an OCI layout */
	STORE_FORMAT_DOCKER, /* what `docker load` reads */
};
/* Write an image as a tar; OCI keeps all platforms when platform is NULL, Docker's needs one. */
int store_export(struct store *s, const char *reference, const struct platform *platform,
	enum store_format format, struct writer *to, struct werr **err);

#endif
