/* SPDX-License-Identifier: Apache-2.0 */
/* A map from digests to small numbers. */
#ifndef WHERRY_STORE_BLOB_SET_H
#define WHERRY_STORE_BLOB_SET_H

#include "oci/digest.h"

enum { BLOB_SET_MAX = 400000 };

struct blob_slot;
struct blob_set {
	struct blob_slot *slots; /* n_slots is 0 or a power of two */
	size_t n, n_slots;
};

/* Return the digest's value, or -1 when it is not in the set. */
int blob_set_get(const struct blob_set *set, const struct digest *d);
/* Set a digest's value, 0 to 127. WERR_LIMIT beyond BLOB_SET_MAX digests. */
int blob_set_put(struct blob_set *set, const struct digest *d, int value, struct werr **err);
void blob_set_cleanup(struct blob_set *set);

#endif
