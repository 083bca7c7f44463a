/* SPDX-License-Identifier: Apache-2.0 */
/* Descriptors and their annotations. */
#include <stdlib.h>

#include "base/mem.h"
#include "base/str.h"
#include "oci/manifest.h"

static struct annotation *find(const struct descriptor *d, const char *key)
{
	for (size_t i = 0; i < d->n_annotations; i++)
		if (str_eq(d->annotations[i].key, key))
			return &d->annotations[i];
	return NULL;
}

const char *descriptor_annotation(const struct descriptor *d, const char *key)
{
	const struct annotation *a = find(d, key);

	return a ? a->value : NULL;
}

void descriptor_annotate(struct descriptor *d, const char *key, const char *value)
{
	struct annotation *a = find(d, key);

	if (!a) {
		d->annotations =
			mem_resize(d->annotations, d->n_annotations + 1, sizeof(*d->annotations));
		a = &d->annotations[d->n_annotations++];
		*a = (struct annotation){.key = str_dup(key)};
	}
	str_replace(&a->value, value);
}

void descriptor_copy(struct descriptor *dst, const struct descriptor *src)
{
	*dst = *src;
	dst->media_type = str_dup(src->media_type);
	dst->urls = (struct strv){0};
	for (size_t i = 0; i < src->urls.n; i++)
		strv_add(&dst->urls, src->urls.items[i]);
	dst->annotations = NULL;
	dst->n_annotations = 0;
	for (size_t i = 0; i < src->n_annotations; i++)
		descriptor_annotate(dst, src->annotations[i].key, src->annotations[i].value);
}

void descriptor_cleanup(struct descriptor *d)
{
	free(d->media_type);
	strv_clear(&d->urls);
	annotations_free(d->annotations, d->n_annotations);
	*d = (struct descriptor){0};
}

bool descriptor_is_attestation(const struct descriptor *d)
{
	return descriptor_annotation(d, "vnd.docker.reference.type") ||
	       (d->has_platform && str_eq(d->platform.os, "unknown"));
}

void annotations_free(struct annotation *items, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(items[i].key);
		free(items[i].value);
	}
	free(items);
}
