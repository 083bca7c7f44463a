/* SPDX-License-Identifier: Apache-2.0 */
/* Descriptors, manifests and indexes: image-spec descriptor.md, manifest.md, image-index.md, and
 * Docker's schema 2. */
#ifndef WHERRY_OCI_MANIFEST_H
#define WHERRY_OCI_MANIFEST_H

#include "base/str.h"
#include "data/node.h"
#include "oci/digest.h"
#include "oci/platform.h"

enum {
	MANIFEST_SIZE_MAX = 4 << 20,
	MANIFEST_LAYERS_MAX = 1000,
	INDEX_MANIFESTS_MAX = 10000,
	DESCRIPTOR_URLS_MAX = 16
};

#define MEDIA_OCI_INDEX         "application/vnd.oci.image.index.v1+json"
#define MEDIA_OCI_MANIFEST      "application/vnd.oci.image.manifest.v1+json"
#define MEDIA_OCI_CONFIG        "application/vnd.oci.image.config.v1+json"
#define MEDIA_OCI_EMPTY         "application/vnd.oci.empty.v1+json"
#define MEDIA_OCI_LAYER         "application/vnd.oci.image.layer.v1.tar"
#define MEDIA_OCI_LAYER_GZIP    "application/vnd.oci.image.layer.v1.tar+gzip"
#define MEDIA_OCI_LAYER_ZSTD    "application/vnd.oci.image.layer.v1.tar+zstd"
#define MEDIA_DOCKER_LIST       "application/vnd.docker.distribution.manifest.list.v2+json"
#define MEDIA_DOCKER_MANIFEST   "application/vnd.docker.distribution.manifest.v2+json"
#define MEDIA_DOCKER_CONFIG     "application/vnd.docker.container.image.v1+json"
#define MEDIA_DOCKER_LAYER_GZIP "application/vnd.docker.image.rootfs.diff.tar.gzip"

#define ANNOTATION_REF_NAME   "org.opencontainers.image.ref.name"
#define ANNOTATION_TITLE      "org.opencontainers.image.title"
#define ANNOTATION_VERSION    "org.opencontainers.image.version"
#define ANNOTATION_CONTAINERD "io.containerd.image.name"

struct annotation {
	char *key, *value;
};

struct descriptor {
	char *media_type;
	struct digest digest;
	uint64_t size;
	bool has_platform;
	struct platform platform;
	/* Other places for the blob; for a foreign layer, the only ones. */
	struct strv urls;
	struct annotation *annotations; /* in the order of the file */
	size_t n_annotations;
};

/* Either an index (manifests) or a manifest (config and layers). */
struct manifest {
	bool is_index;
	char *media_type;
	char *artifact_type; /* or NULL */
	struct descriptor config;
	struct descriptor *items; /* an index's manifests, or a manifest's layers */
	size_t n;
	/* Entries of an index that were not understood; they are not in items. */
	size_t n_left_out;
	struct annotation *annotations;
	size_t n_annotations;
};

/*
 * Parse a manifest or index. fallback_type (may be NULL) is used when the text has no mediaType.
 * These are errors: a missing part that the specifications require, digests other than sha256 and
 * sha512, sizes below 0, counts beyond the limits above, and Docker's schema 1 (WERR_UNSUPPORTED,
 * with a hint). In an index only the entry with the error is left out.
 */
int manifest_parse(const char *name, const char *text, size_t size, const char *fallback_type,
	struct manifest **ret, struct werr **err);
void manifest_free(struct manifest *m);
DEFINE_CLEANUP(struct manifest *, manifest_free, manifest)

/*
 * Whether it is of something else than an image of containers (manifest.md, "Guidelines for
 * Artifact Usage"): its configuration is not an image's. Such a manifest knows no platform.
 */
bool manifest_is_artifact(const struct manifest *m);
/* What it says that it is: a media type. */
const char *manifest_artifact_type(const struct manifest *m);

/* Write as JSON without spaces; the same manifest gives the same bytes. Owned by the caller. */
char *manifest_write(const struct manifest *m, size_t *ret_size);

const char *descriptor_annotation(const struct descriptor *d, const char *key); /* or NULL */
/*
 * Whether a file may be called so by anybody: a name that is neither a path nor hidden, nor looks
 * like an option, nor like several files: QEMU splits the names of what it starts besides other
 * kernels than Linux at commas, and "a,secret,-initrd.img" would be a file of the user's, too.
 */
bool title_is_safe(const char *title);
void descriptor_annotate(
	struct descriptor *d, const char *key, const char *value);          /* adds or replaces */
void descriptor_copy(struct descriptor *dst, const struct descriptor *src); /* dst must be empty */
void descriptor_cleanup(struct descriptor *d);
bool media_type_is_index(const char *media_type);
bool media_type_is_manifest(const char *media_type); /* an image's manifest, not an index */
/*
 * Return the media type of a manifest from a Content-Type field (RFC 9110, 8.3), spelled as above,
 * regardless of case and parameters; NULL when the type is not a manifest's, as with
 * "application/octet-stream".
 */
const char *media_type_of_field(const char *field);
/* Check for "type/subtype" in the characters of RFC 6838, 4.2, at most 127 on each side. */
bool media_type_is_valid(const char *media_type);
/* True for a manifest in an index that is not an image but describes one (a signature, an SBOM). */
bool descriptor_is_attestation(const struct descriptor *d);
/* Adds or replaces. */
void annotations_set(struct annotation **items, size_t *n, const char *key, const char *value);
void annotations_free(struct annotation *items, size_t n);

#endif
