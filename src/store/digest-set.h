/* SPDX-License-Identifier: Apache-2.0 */
/* A set of digests with a small number each. */
#ifndef WHERRY_STORE_DIGEST_SET_H
#define WHERRY_STORE_DIGEST_SET_H

#include "oci/digest.h"

enum { DIGEST_SET_MAX = 400000 };

struct digest_slot;
struct digest_set {
	struct digest_slot *slots; /* n_slots is 0 or a power of two */
	size_t n, n_slots;
};

/* The digest's value, or -1 when it is not in the set. */
int digest_set_get(const struct digest_set *set, const struct digest *d);
/* value: 0 to 127. WERR_LIMIT beyond DIGEST_SET_MAX digests. */
int digest_set_put(struct digest_set *set, const struct digest *d, int value, struct werr **err);
void digest_set_cleanup(struct digest_set *set);

#endif
