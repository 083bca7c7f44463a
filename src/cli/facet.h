/* SPDX-License-Identifier: Apache-2.0 */
/* What an image's configuration consists of, for verbs that show or compare it, in their order. */
#ifndef WHERRY_CLI_FACET_H
#define WHERRY_CLI_FACET_H

#include "oci/image-config.h"

enum facet_kind {
	FACET_TEXT, /* char *, or NULL */
	FACET_LIST, /* struct strv, each of which stands for itself */
	FACET_ARGV, /* struct strv, which is one command */
};

struct facet {
	const char *label; /* for people */
	const char *json;
	const char *one; /* what each of it is called where two are compared; NULL: it is not */
	enum facet_kind kind;
	size_t offset; /* in struct image_config */
};

/* All of them: their number, and *ret the first. */
size_t facet_list(const struct facet **ret);
const char *facet_text(const struct facet *f, const struct image_config *c);
const struct strv *facet_words(const struct facet *f, const struct image_config *c);

#endif
