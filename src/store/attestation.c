/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Attestations that BuildKit puts next to an image: docs/attestations/attestation-storage.md of
 * BuildKit.
 */
#include "base/str.h"
#include "store/internal.h"

static bool is_about(const struct descriptor *d, const struct image *image)
{
	const char *type = descriptor_annotation(d, "vnd.docker.reference.type");
	const char *digest = descriptor_annotation(d, "vnd.docker.reference.digest");

	return type && digest && str_eq(type, "attestation-manifest") &&
	       str_eq(digest, image->descriptor.digest.text);
}

static int read_first(struct store *s, const struct manifest *index, const struct image *image,
	struct manifest **ret, struct werr **err)
{
	for (size_t i = 0; i < index->n; i++)
		if (is_about(&index->items[i], image))
			return store_read_manifest(s, &index->items[i], ret, err);
	return 0;
}

int store_find_attestation(
	struct store *s, const struct image *image, struct manifest **ret, struct werr **err)
{
	CLEANUP(manifest) struct manifest *index = NULL;
	int r;

	*ret = NULL;
	if (!media_type_is_index(image->top.media_type))
		return 0;
	r = store_read_manifest(s, &image->top, &index, err);
	if (r == 0 && index->is_index)
		r = read_first(s, index, image, ret, err);
	if (r < 0)
		werr_wrap(err, "the attestation of image %s", image->name);
	return r;
}
