/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lists of the documents are joined, each in an unnamed file, so that memory has room for one
 * image's document only. SPDX: https://spdx.github.io/spdx-spec/v2.3/ and its JSON schema.
 * CycloneDX: https://cyclonedx.org/docs/1.6/json/ (ECMA-424).
 */
#ifndef WHERRY_SBOM_SBOM_IMPL_H
#define WHERRY_SBOM_SBOM_IMPL_H

#include "data/json.h"
#include "sbom/license.h"
#include "sbom/sbom.h"

/*
 * The lists of a document. Of those that are joined from attested ones also the key of a file's
 * name in an element, and the other required key.
 */
enum sbom_part {
	SBOM_PACKAGES,
	SBOM_FILES,
	SBOM_LICENSES,
	SBOM_RELATIONSHIPS,
	SBOM_ANNOTATIONS,
	SBOM_REFERENCES,
	SBOM_COMPONENTS,
	SBOM_DEPENDENCIES,
	SBOM_SECTIONS
};
struct sbom_section {
	enum sbom_format format;
	const char *key, *file_name, *required;
};
extern const struct sbom_section sbom_sections[SBOM_SECTIONS];

struct sbom_file {
	int fd;
	uint64_t size;
};

/* An image of the OS. */
struct sbom_image {
	char *name, *purl, *license;
	struct digest digest; /* of its platform's manifest */
	struct strv refs;     /* CycloneDX: of its components that an attestation names */
};

/* A package in an image; that in another image has the same purl. */
struct sbom_package {
	char *purl, *name, *version, *license, *source;
	size_t image;
	bool made_from; /* none of its files is in the image, which was made from it all the same */
};

struct sbom {
	enum sbom_format format;
	struct sbom_file parts[SBOM_SECTIONS]; /* the elements, with commas in between */
	struct sbom_file document;             /* once finished */
	struct sbom_image *images;
	size_t n_images, cap_images;
	struct sbom_package *packages; /* sorted by sbom_sort_packages */
	size_t n_packages, cap_packages;
	struct strv attested; /* CycloneDX: the references of the next image's components */
	size_t n_attested;
};

/* ---- sbom.c ---- */

/* Add a finished element, one JSON value, to a list. */
int sbom_append(struct sbom *b, enum sbom_part part, const struct buf *element, struct werr **err);

/* ---- sbom-contents.c ---- */

/* By purl and image; of those that are the same in both one stays, that in the image if any is. */
void sbom_sort_packages(struct sbom *b);
/*
 * Of the packages with this one's purl the one that says most of its licence; NULL: an earlier one
 * has the same purl.
 */
const struct sbom_package *sbom_take_package(const struct sbom *b, size_t package);
void sbom_free_contents(struct sbom *b);

/* ---- spdx.c, cyclonedx.c: the OS, its images and packages, as elements of the lists ---- */

int spdx_write_contents(struct sbom *b, struct werr **err);
/* A package of an attested SPDX document, as a component. */
int cyclonedx_add_package(struct sbom *b, const struct node *package, struct werr **err);
int cyclonedx_write_contents(struct sbom *b, struct werr **err);

#endif
