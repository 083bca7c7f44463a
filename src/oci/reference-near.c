/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/reference-near.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"

enum { FAR, OTHER_TAG, OTHER_TAG_HERE, SAME_TAG };
enum { HASH_TAG_MIN = 40 };

static const char *last_part(const struct reference *r)
{
	const char *slash = strrchr(r->repository, '/');

	return slash ? slash + 1 : r->repository;
}

static unsigned rank_of(const struct reference *wanted, const struct reference *r)
{
	if (!wanted->tag || !r->tag || wanted->digest || str_eq(wanted->name, r->name) ||
		!str_eq(last_part(wanted), last_part(r)))
		return FAR;
	if (str_eq(wanted->tag, r->tag))
		return SAME_TAG;
	if (strlen(wanted->tag) >= HASH_TAG_MIN || strlen(r->tag) >= HASH_TAG_MIN)
		return FAR;
	return str_eq(wanted->registry, r->registry) && str_eq(wanted->repository, r->repository)
		       ? OTHER_TAG_HERE
		       : OTHER_TAG;
}

void reference_near_add(struct reference_near *n, const char *name)
{
	CLEANUP(reference) struct reference r = {0};
	unsigned rank;

	/* However it is written, it has that part, so most names need not be parsed. */
	if (!strstr(name, last_part(n->wanted)) || reference_parse(name, &r, NULL) < 0)
		return;
	rank = rank_of(n->wanted, &r);
	if (rank == FAR || rank < n->rank || (rank == n->rank && strcmp(r.name, n->name) >= 0))
		return;
	n->rank = rank;
	str_replace(&n->name, r.name);
}
