/* SPDX-License-Identifier: Apache-2.0 */
/* Which image was probably meant by a name that no image has. */
#ifndef WHERRY_OCI_REFERENCE_NEAR_H
#define WHERRY_OCI_REFERENCE_NEAR_H

#include "oci/reference.h"

/*
 * Names, of which the best so far is kept: one whose repository has the same last part, best with
 * the same tag. A tag that is a package's hash is near no other one.
 */
struct reference_near {
	const struct reference *wanted;
	char *name; /* owned; NULL: none is near */
	unsigned rank;
};
void reference_near_add(struct reference_near *n, const char *name);

#endif
