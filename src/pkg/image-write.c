/* SPDX-License-Identifier: Apache-2.0 */
#include "pkg/image-write.h"

#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "archive/archive.h"
#include "codec/codec.h"

/* Layers are written once and read often. gzip is what every tool can read. */
enum { LAYER_LEVEL = 9, TRIES_MAX = 1000 };

/* tar, hash of the plain bytes, gzip, blob. */
static int write_layer(struct store *s, const struct tree *t, struct descriptor *ret,
	struct digest *diff_id, struct werr **err)
{
	const struct archive_tree_options options = {.prefix = ""};
	CLEANUP(blob_writer) struct blob_writer *blob = NULL;
	CLEANUP(writer) struct writer *gzip = NULL, *hashing = NULL;
	CLEANUP(archiver) struct archiver *tar = NULL;
	CLEANUP(sha256) struct sha256 *hash = sha256_new();
	char hex[SHA256_HEX + 1];
	int r = store_new_blob(s, &blob, err);

	if (r == 0)
		r = compress_writer_new(
			blob_writer_stream(blob), CODEC_GZIP, LAYER_LEVEL, &gzip, err);
	if (r < 0)
		return r;
	hashing = sha256_writer_new(gzip, hash);
	tar = archiver_new_tar(hashing);
	r = archiver_add_tree(tar, t, &options, err);
	if (r == 0)
		r = tar->finish(tar, err);
	/* The hashing writer does not own what it writes to, so each is finished separately. */
	if (r == 0)
		r = writer_finish(gzip, err);
	if (r == 0)
		r = blob_writer_commit(blob, NULL, ret, err);
	if (r < 0)
		return r;
	sha256_hex(hash, hex);
	digest_from_hex(hex, diff_id);
	str_replace(&ret->media_type, MEDIA_OCI_LAYER_GZIP);
	return 0;
}

static int put_config(struct store *s, const struct image_config *config, struct descriptor *ret,
	struct werr **err)
{
	size_t size;
	CLEANUP(free) char *text = image_config_write(config, &size);
	int r = store_put(s, text, size, ret, err);

	if (r == 0)
		str_replace(&ret->media_type, MEDIA_OCI_CONFIG);
	return r;
}

static int put_manifest(
	struct store *s, const struct manifest *m, struct descriptor *ret, struct werr **err)
{
	size_t size;
	CLEANUP(free) char *text = manifest_write(m, &size);
	int r = store_put(s, text, size, ret, err);

	if (r == 0)
		str_replace(&ret->media_type, m->media_type);
	return r;
}

int pkg_write_image(struct store *s, const struct tree *t, struct image_config *config,
	struct descriptor *ret, uint64_t *ret_size, struct werr **err)
{
	struct descriptor layer = {0}, manifest = {0};
	struct manifest m = {.items = &layer, .n = 1};
	char media_type[] = MEDIA_OCI_MANIFEST;
	struct digest diff_id;
	int r;

	m.media_type = media_type;
	r = write_layer(s, t, &layer, &diff_id, err);
	if (r == 0) {
		strv_clear(&config->diff_ids);
		strv_add(&config->diff_ids, diff_id.text);
		r = put_config(s, config, &m.config, err);
	}
	if (r == 0)
		r = put_manifest(s, &m, &manifest, err);
	if (r == 0) {
		manifest.has_platform = true;
		manifest.platform = config->platform;
		*ret_size = layer.size;
		*ret = manifest;
	} else {
		descriptor_cleanup(&manifest);
	}
	descriptor_cleanup(&layer);
	descriptor_cleanup(&m.config);
	return r;
}

/* ---- the name ---- */

/*
 * Read the index that the name stands for, or make an empty one. *ret_was: what the name stands
 * for; an empty text: nothing.
 */
static int find_index(struct store *s, const char *name, struct manifest **ret,
	struct digest *ret_was, struct werr **err)
{
	struct store_entries entries = {0};
	const struct descriptor *have = NULL;
	CLEANUP(free) char *text = NULL;
	int r = store_list(s, &entries, err);

	*ret_was = (struct digest){0};
	for (size_t i = 0; r == 0 && i < entries.n; i++)
		if (!have && str_eq(entries.items[i].name, name))
			have = &entries.items[i].descriptor;
	if (r == 0 && have)
		*ret_was = have->digest;
	if (r == 0 && have && media_type_is_index(have->media_type)) {
		r = store_read_blob(s, have, MANIFEST_SIZE_MAX, &text, err);
		if (r == 0)
			r = manifest_parse(name, text, have->size, have->media_type, ret, err);
	} else if (r == 0) {
		*ret = mem_new(struct manifest);
		(*ret)->is_index = true;
		(*ret)->media_type = str_dup(MEDIA_OCI_INDEX);
	}
	store_entries_cleanup(&entries);
	return r;
}

static int compare_platforms(const void *a, const void *b)
{
	const struct descriptor *x = a, *y = b;
	char xt[PLATFORM_TEXT_MAX], yt[PLATFORM_TEXT_MAX];

	return strcmp(platform_text(&x->platform, xt), platform_text(&y->platform, yt));
}

/* Replace the manifest of this platform, or add it, keeping the order of platforms. */
static int set_manifest(struct manifest *index, const struct descriptor *d, struct werr **err)
{
	size_t cap = index->n;
	struct descriptor *item = NULL;

	for (size_t i = 0; i < index->n; i++)
		if (index->items[i].has_platform && compare_platforms(&index->items[i], d) == 0)
			item = &index->items[i];
	if (!item) {
		if (index->n == INDEX_MANIFESTS_MAX)
			return werr_set(err, WERR_LIMIT, "too many platforms");
		mem_grow(&index->items, index->n, &cap, sizeof(*index->items));
		item = &index->items[index->n++];
	} else {
		descriptor_cleanup(item);
	}
	*item = (struct descriptor){0};
	descriptor_copy(item, d);
	qsort(index->items, index->n, sizeof(*index->items), compare_platforms);
	return 0;
}

static int add_to_name(struct store *s, const char *name, const struct descriptor *manifest,
	bool *ret_done, struct werr **err)
{
	CLEANUP(manifest) struct manifest *index = NULL;
	struct descriptor d = {0};
	struct digest was;
	int r = find_index(s, name, &index, &was, err);

	if (r == 0)
		r = set_manifest(index, manifest, err);
	if (r == 0)
		r = put_manifest(s, index, &d, err);
	if (r == 0)
		r = store_replace_name(s, name, *was.text ? &was : NULL, &d, ret_done, err);
	descriptor_cleanup(&d);
	return r;
}

int pkg_write_name(
	struct store *s, const char *name, const struct descriptor *manifest, struct werr **err)
{
	bool done = false;
	int r = 0;

	/* Until nobody else has changed it meanwhile, as for another platform. */
	for (unsigned i = 0; r == 0 && !done; i++)
		r = i == TRIES_MAX
			    ? werr_set(err, WERR_FAILED, "%s is changed again and again", name)
			    : add_to_name(s, name, manifest, &done, err);
	return r;
}
