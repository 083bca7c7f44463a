/* SPDX-License-Identifier: Apache-2.0 */
/* One SPDX document (2.3, in JSON) for an OS, from the attestations of its images. */
#ifndef WHERRY_SBOM_SBOM_H
#define WHERRY_SBOM_SBOM_H

#include "store/store.h"

/* Limit for one image's document; larger ones are left out, with a warning. */
enum { SBOM_SIZE_MAX = 16 << 20 };

struct sbom;
/* Start an SBOM. dir: directory for unnamed files with the collected parts. */
int sbom_new(struct sbom **ret, const char *dir, struct werr **err);
/*
 * Add the SPDX documents attested of an image whose files are at prefix ("" is the root), which is
 * put before the names of files. An image without any adds nothing. WERR_INVALID, WERR_CORRUPT: the
 * attestation is not an SPDX document.
 */
int sbom_add_image(struct sbom *b, struct store *s, const struct image *image, const char *prefix,
	struct werr **err);
/* The same for a single document, a JSON text called name. */
int sbom_add_statement(struct sbom *b, const char *name, const char *text, size_t size,
	const char *prefix, struct werr **err);

struct sbom_header {
	int64_t time;       /* creation time to record, in seconds since 1970 */
	bool like_linuxkit; /* use LinuxKit as the creator, and its namespace */
};
/*
 * Return the document. Its namespace is derived from the contents, so that the same images give the
 * same bytes. Call it once; b must outlive the reader.
 */
int sbom_finish(
	struct sbom *b, const struct sbom_header *header, struct reader **ret, struct werr **err);
void sbom_free(struct sbom *b);
DEFINE_CLEANUP(struct sbom *, sbom_free, sbom)

#endif
