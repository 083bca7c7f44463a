/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One document for an OS, SPDX 2.3 or CycloneDX 1.6 in JSON: its images, what is installed in them,
 * and what is attested of them.
 */
#ifndef WHERRY_SBOM_SBOM_H
#define WHERRY_SBOM_SBOM_H

#include "inventory/inventory.h"
#include "store/store.h"

enum {
	SBOM_SIZE_MAX = 16 << 20,    /* of one image's document; larger ones are left out, with a
					warning */
	SBOM_PACKAGES_MAX = 1 << 18, /* of all images, those in several counted for each */
};

enum sbom_format { SBOM_SPDX, SBOM_CYCLONEDX };
/* Their names, in this order, ended by NULL. */
const char *const *sbom_format_names(void);
/* "sbom.spdx.json", "sbom.cdx.json" */
const char *sbom_file_name(enum sbom_format format);

struct sbom;
/* Start an SBOM. dir: directory for unnamed files with the collected parts. */
int sbom_new(struct sbom **ret, enum sbom_format format, const char *dir, struct werr **err);
/*
 * Add the SPDX documents attested of an image whose files are at prefix ("" is the root), which is
 * put before the names of files. *ret_found: it has one. WERR_INVALID, WERR_CORRUPT: the
 * attestation is not an SPDX document. A missing or too large one is left out, with a warning that
 * is added to the list.
 */
int sbom_add_image(struct sbom *b, struct store *s, const struct image *image, const char *prefix,
	struct strv *warnings, bool *ret_found, struct werr **err);
/* The same for a single document, a JSON text called name. */
int sbom_add_statement(struct sbom *b, const char *name, const char *text, size_t size,
	const char *prefix, struct werr **err);

/* Is the image described already? */
bool sbom_has_image(const struct sbom *b, const struct image *image);
/*
 * Describe an image as a part of the OS, with the packages that its label says it has, those of
 * installed (NULL: none), and of CycloneDX what has been added since the last image that was
 * described. *ret_known: something says what is in it. WERR_LIMIT: SBOM_PACKAGES_MAX.
 */
int sbom_describe_image(struct sbom *b, const struct image *image,
	const struct inventory *installed, bool *ret_known, struct werr **err);

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
