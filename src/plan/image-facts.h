/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was found out about the files of an image, kept in the store under the digests of its
 * layers, so that these need not be read again.
 */
#ifndef WHERRY_PLAN_IMAGE_FACTS_H
#define WHERRY_PLAN_IMAGE_FACTS_H

#include "store/store.h"

struct image_facts {
	const char *name;  /* hashed into its key */
	unsigned form;     /* the same; changes when it is written in another way */
	const char *title; /* for people: "list of programs" */
	size_t max;        /* bytes */
};

typedef int facts_write(struct writer *to, void *ctx, struct werr **err);
/* Keep what write writes, unless there is one already. A failure is logged. */
void facts_keep(const struct image_facts *l, struct store *s, const struct image *image,
	facts_write *write, void *ctx);
/* false: it is not kept, or could not be read. *ret is owned by the caller. */
bool facts_find(const struct image_facts *l, struct store *s, const struct image *image, char **ret,
	size_t *ret_size);

#endif
