/* SPDX-License-Identifier: Apache-2.0 */
/* One SPDX document (2.3, in JSON) for an OS, from what is attested of its images. */
#ifndef WHERRY_SBOM_SBOM_H
#define WHERRY_SBOM_SBOM_H

#include "store/store.h"

enum {
	SBOM_SIZE_MAX = 16 << 20
}; /* of one image's document; larger ones are left out, with a warning */

struct sbom;
/* dir: where unnamed files for what is collected are made. */
int sbom_new(struct sbom **ret, const char *dir, struct werr **err);
/*
 * Add the SPDX documents attested of an image whose files are at prefix ("" is the root), which
 * goes in front of the names of files. An image without any adds nothing. WERR_INVALID,
 * WERR_CORRUPT: the statement is not an SPDX document.
 */
int sbom_add_image(struct sbom *b, struct store *s, const struct image *image, const char *prefix,
	struct werr **err);
/* The same for a document by itself, a JSON text named name. */
int sbom_add_statement(struct sbom *b, const char *name, const char *text, size_t size,
	const char *prefix, struct werr **err);

struct sbom_header {
	int64_t time;       /* that the document says it was made at, in seconds */
	bool like_linuxkit; /* LinuxKit as the creator, and its namespace */
};
/*
 * The document; its namespace is made from what is in it, so that the same images give the same
 * bytes. Called once; b must outlive the reader.
 */
int sbom_finish(
	struct sbom *b, const struct sbom_header *header, struct reader **ret, struct werr **err);
void sbom_free(struct sbom *b);
DEFINE_CLEANUP(struct sbom *, sbom_free, sbom)

#endif
