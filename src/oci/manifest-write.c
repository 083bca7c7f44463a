/* SPDX-License-Identifier: Apache-2.0 */
/* Writing a manifest or an index as JSON. */
#include <stdlib.h>

#include "data/json.h"
#include "oci/manifest.h"

static void write_annotations(struct json_writer *w, const struct annotation *items, size_t n)
{
	if (n == 0)
		return;
	json_key(w, "annotations");
	json_open_object(w);
	for (size_t i = 0; i < n; i++)
		json_key_string(w, items[i].key, items[i].value);
	json_close_object(w);
}

static void write_descriptor(struct json_writer *w, const struct descriptor *d)
{
	json_open_object(w);
	json_key_string(w, "mediaType", d->media_type);
	json_key_string(w, "digest", d->digest.text);
	json_key_u64(w, "size", d->size);
	json_key_strings_opt(w, "urls", &d->urls);
	write_annotations(w, d->annotations, d->n_annotations);
	if (d->has_platform) {
		json_key(w, "platform");
		json_open_object(w);
		json_key_string(w, "architecture", d->platform.arch);
		json_key_string(w, "os", d->platform.os);
		json_key_string_opt(w, "variant", d->platform.variant);
		json_close_object(w);
	}
	json_close_object(w);
}

char *manifest_write(const struct manifest *m, size_t *ret_size)
{
	/* Our own structures: their contents were limited when they were read. */
	CLEANUP(buf) struct buf out = BUF_INIT(SIZE_MAX / 2);
	struct json_writer w = JSON_WRITER(&out, 0);

	json_open_object(&w);
	json_key_u64(&w, "schemaVersion", 2);
	json_key_string_opt(&w, "mediaType", m->media_type);
	json_key_string_opt(&w, "artifactType", m->artifact_type);
	if (!m->is_index) {
		json_key(&w, "config");
		write_descriptor(&w, &m->config);
	}
	json_key(&w, m->is_index ? "manifests" : "layers");
	json_open_array(&w);
	for (size_t i = 0; i < m->n; i++)
		write_descriptor(&w, &m->items[i]);
	json_close_array(&w);
	write_annotations(&w, m->annotations, m->n_annotations);
	json_close_object(&w);
	*ret_size = out.len;
	return buf_steal(&out);
}
