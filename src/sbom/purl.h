/* SPDX-License-Identifier: Apache-2.0 */
/* Package URLs (https://github.com/package-url/purl-spec), which name a package anywhere. */
#ifndef WHERRY_SBOM_PURL_H
#define WHERRY_SBOM_PURL_H

#include "inventory/software.h"
#include "store/store.h"

enum { PURL_MAX = 64 << 10 };

/* Of what an image has; its os-release says ID (distro) and VERSION_ID (release), or "". */
char *purl_of_software(const struct software *s, const char *distro, const char *release);
/* Of an image: pkg:oci, with the digest of its platform's manifest. */
char *purl_of_image(const struct image *image);

#endif
