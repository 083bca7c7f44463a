/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lists of the documents are joined, each in an unnamed file, so that memory has room for one
 * image's document only. SPDX: https://spdx.github.io/spdx-spec/v2.3/ and its JSON schema.
 */
#ifndef WHERRY_SBOM_SBOM_IMPL_H
#define WHERRY_SBOM_SBOM_IMPL_H

#include "sbom/sbom.h"

/*
 * The lists that are joined, the key of a file's name in an element, and the other required keys.
 */
enum { SBOM_SECTIONS = 6 };
struct sbom_section {
	const char *key, *file_name, *required;
};
extern const struct sbom_section sbom_sections[SBOM_SECTIONS];

struct sbom_file {
	int fd;
	uint64_t size;
};

struct sbom {
	struct sbom_file parts[SBOM_SECTIONS]; /* the elements, with commas in between */
	struct sbom_file document;             /* once finished */
};

#endif
