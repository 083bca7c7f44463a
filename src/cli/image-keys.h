/* SPDX-License-Identifier: Apache-2.0 */
/* What verbs show and compare of an image's configuration, in their order. */
#ifndef WHERRY_CLI_IMAGE_KEYS_H
#define WHERRY_CLI_IMAGE_KEYS_H

#include "oci/image-config.h"

enum image_key_kind {
	IMAGE_KEY_TEXT, /* char *, or NULL */
	IMAGE_KEY_LIST, /* struct strv, each of which stands for itself */
	IMAGE_KEY_ARGV, /* struct strv, which is one command */
};

struct image_key {
	const char *label; /* for people */
	const char *json;
	const char *one; /* what each of it is called where two are compared; NULL: it is not */
	enum image_key_kind kind;
	size_t offset; /* in struct image_config */
};

/* The number of keys; *ret is them. */
size_t image_keys(const struct image_key **ret);
const char *image_key_text(const struct image_key *k, const struct image_config *c);
const struct strv *image_key_words(const struct image_key *k, const struct image_config *c);

#endif
