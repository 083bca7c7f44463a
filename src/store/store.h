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

/* ---- blobs ---- */

bool store_has_blob(struct store *s, const struct digest *d);
/* The blob's bytes; digest and size are checked as they are read: read to the end (reader_drain). */
int store_open_blob(
	struct store *s, const struct descriptor *d, struct reader **ret, struct werr **err);
/* A small blob whole, checked. */
int store_read_blob(
	struct store *s, const struct descriptor *d, size_t max, char **ret, struct werr **err);

/* A blob that is being written; visible under its digest only after the commit. */
struct blob_writer;
int store_new_blob(struct store *s, struct blob_writer **ret, struct werr **err);
struct writer *blob_writer_stream(struct blob_writer *b); /* owned by the blob_writer */
/* expected may be NULL; another digest than expected is WERR_CORRUPT. Fills ret's digest and size. */
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
/* name is a full name; what it named before is replaced. */
int store_set_name(
	struct store *s, const char *name, const struct descriptor *d, struct werr **err);
/* reference as the user writes it. Blobs that nothing names any more are removed as well. */
int store_remove(struct store *s, const char *reference, struct werr **err);
/* Everything. */
int store_clean(struct store *s, struct werr **err);

/* ---- images ---- */

struct image {
	char *name;                   /* full */
	struct descriptor descriptor; /* of the manifest that was chosen */
	struct manifest *manifest;    /* config and layers */
	struct image_config *config;
};
/*
 * Find an image by the reference the user wrote, for a platform. WERR_NOT_FOUND when it is not in the store, or
 * not for this platform (the message lists those it has).
 */
int store_find_image(struct store *s, const char *reference, const struct platform *platform,
	struct image **ret, struct werr **err);
void image_free(struct image *i);
DEFINE_CLEANUP(struct image *, image_free, image)

/* ---- in and out ---- */

/*
 * Import every image of an OCI layout (folder or tar) or of a `docker save`/`podman save` tar, from a path or, when
 * it is "-", from stdin; a tar may be gzipped. Images without a full name get `name` (may be NULL: then they are an error).
 * The names that were imported are added to imported.
 */
int store_import(struct store *s, const char *path, const char *name,
	const struct progress *progress, struct strv *imported, struct werr **err);

enum store_format { STORE_FORMAT_OCI, STORE_FORMAT_DOCKER, STORE_FORMAT_FILESYSTEM };
/* Write an image as a tar; OCI keeps all platforms unless one is given, the others need one. */
int store_export(struct store *s, const char *reference, const struct platform *platform,
	enum store_format format, struct writer *to, struct werr **err);

#endif
