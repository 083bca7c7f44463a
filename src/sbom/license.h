/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What packages say about their licences, as SPDX expressions (SPDX 2.3, Annex D). Distributions
 * have names of their own for many licences; what is not understood is kept as a text with an
 * identifier of its own.
 */
#ifndef WHERRY_SBOM_LICENSE_H
#define WHERRY_SBOM_LICENSE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

enum { LICENSE_NESTING_MAX = 16 };

struct license {
	char *expression; /* NULL: nothing was said */
	/* The identifiers in it, "LicenseRef-...", that stand for texts; as many texts. */
	struct strv ids, texts;
};
/* statements: one a line, all of which hold. */
void license_convert(const char *statements, struct license *ret);
void license_cleanup(struct license *l);

/* ---- license-table.c ---- */

/*
 * SPDX's identifier of a licence, from that or from a distribution's name of size bytes; or of an
 * exception to one. NULL: it is not known.
 */
const char *license_find(const char *name, size_t size, bool exception);

#endif
