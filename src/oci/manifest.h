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
#define MEDIA_OCI_LAYER         "application/vnd.oci.image.layer.v1.tar"
#define MEDIA_OCI_LAYER_GZIP    "application/vnd.oci.image.layer.v1.tar+gzip"
#define MEDIA_OCI_LAYER_ZSTD    "application/vnd.oci.image.layer.v1.tar+zstd"
#define MEDIA_DOCKER_LIST       "application/vnd.docker.distribution.manifest.list.v2+json"
#define MEDIA_DOCKER_MANIFEST   "application/vnd.docker.distribution.manifest.v2+json"
#define MEDIA_DOCKER_CONFIG     "application/vnd.docker.container.image.v1+json"
#define MEDIA_DOCKER_LAYER_GZIP "application/vnd.docker.image.rootfs.diff.tar.gzip"

#define ANNOTATION_REF_NAME   "org.opencontainers.image.ref.name"
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
	struct strv urls; /* other places of the blob; the only ones of a foreign layer */
	struct annotation *annotations; /* in the order of the file */
	size_t n_annotations;
};

/* Either an index (manifests) or a manifest (config and layers). */
struct manifest {
	bool is_index;
	char *media_type;
	struct descriptor config;
	struct descriptor *items; /* an index's manifests, or a manifest's layers */
	size_t n;
	/* entries of an index that are not understood, and not among the items */
	size_t n_left_out;
	struct annotation *annotations;
	size_t n_annotations;
};

/*
 * Parse a manifest or index. fallback_type (may be NULL) counts where the text has no mediaType.
 * Refused: anything the specifications call required that is missing, other digests than sha256 and
 * sha512, sizes below 0, more than the limits above, Docker's schema 1 (WERR_UNSUPPORTED, with a
 * hint). Of an index such an entry alone is left out.
 */
int manifest_parse(const char *name, const char *text, size_t size, const char *fallback_type,
	struct manifest **ret, struct werr **err);
void manifest_free(struct manifest *m);
DEFINE_CLEANUP(struct manifest *, manifest_free, manifest)

/* As JSON without white space; the same manifest gives the same bytes. Owned by the caller. */
char *manifest_write(const struct manifest *m, size_t *ret_size);

const char *descriptor_annotation(const struct descriptor *d, const char *key); /* or NULL */
void descriptor_annotate(
	struct descriptor *d, const char *key, const char *value);          /* add or replace */
void descriptor_copy(struct descriptor *dst, const struct descriptor *src); /* dst was empty */
void descriptor_cleanup(struct descriptor *d);
bool media_type_is_index(const char *media_type);
bool media_type_is_manifest(const char *media_type); /* of an image, not of an index */
/*
 * What Content-Type says about a manifest (RFC 9110, 8.3): the type as it is written above,
 * whatever its case and parameters; NULL when it is not that of a manifest, as with
 * "application/octet-stream".
 */
const char *media_type_of_field(const char *field);
/* "type/subtype" in the letters of RFC 6838, 4.2, at most 127 on each side. */
bool media_type_is_valid(const char *media_type);
/* A manifest in an index that describes another one (a signature, an SBOM) and is not an image. */
bool descriptor_is_attestation(const struct descriptor *d);
void annotations_free(struct annotation *items, size_t n);

#endif
