/* SPDX-License-Identifier: Apache-2.0 */
/* Descriptors and their annotations. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "oci/manifest.h"

static struct annotation *find(struct annotation *items, size_t n, const char *key)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(items[i].key, key))
			return &items[i];
	return NULL;
}

const char *descriptor_annotation(const struct descriptor *d, const char *key)
{
	const struct annotation *a = find(d->annotations, d->n_annotations, key);

	return a ? a->value : NULL;
}

bool title_is_safe(const char *title)
{
	for (const char *c = title; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f || *c == '/' || *c == ',')
			return false;
	return *title && *title != '-' && *title != '.' && strlen(title) <= NAME_MAX;
}

void annotations_set(struct annotation **items, size_t *n, const char *key, const char *value)
{
	struct annotation *a = find(*items, *n, key);

	if (!a) {
		*items = mem_resize(*items, *n + 1, sizeof(**items));
		a = &(*items)[(*n)++];
		*a = (struct annotation){.key = str_dup(key)};
	}
	str_replace(&a->value, value);
}

void descriptor_annotate(struct descriptor *d, const char *key, const char *value)
{
	annotations_set(&d->annotations, &d->n_annotations, key, value);
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
