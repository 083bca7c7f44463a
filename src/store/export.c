/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Exporting images as an OCI layout, or in the form that docker load reads. The same image gives
 * the same bytes.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/str.h"
#include "data/json.h"
#include "store/export.h"
#include "store/walk.h"

static int write_text(struct export_sink *to, const char *path, const char *text, struct werr **err)
{
	CLEANUP(reader) struct reader *content = mem_reader_new(text, strlen(text));

	return to->add(to, path, strlen(text), content, err);
}

static int write_blob(
	struct store *s, struct export_sink *to, const struct descriptor *d, struct werr **err)
{
	CLEANUP(free) char *path = digest_blob_path(&d->digest);
	CLEANUP(reader) struct reader *blob = NULL;
	int r = store_open_blob(s, d, &blob, err);

	return r < 0 ? r : to->add(to, path, d->size, blob, err);
}

/* The blobs that are present, each once, in the order in which the image names them. */
struct blob_list {
	struct descriptor *items;
	size_t n, cap;
};

static int list_blob(struct walk *w, const struct descriptor *d, struct werr **err)
{
	struct blob_list *list = w->ctx;
	int r = store_stat_blob(w->store, d, err);

	if (r < 0)
		return r;
	mem_grow(&list->items, list->n, &list->cap, sizeof(*list->items));
	list->items[list->n].digest = d->digest;
	list->items[list->n++].size = d->size;
	return 0;
}

static int write_blobs(
	struct store *s, struct export_sink *to, const struct descriptor *top, struct werr **err)
{
	struct blob_list list = {0};
	struct walk w = {.store = s, .visit = list_blob, .ctx = &list};
	int r = walk_image(&w, top, err);

	for (size_t i = 0; r == 0 && i < list.n; i++)
		r = write_blob(s, to, &list.items[i], err);
	walk_cleanup(&w);
	free(list.items);
	return r;
}

static int write_layout(
	struct export_sink *to, const char *name, const struct descriptor *d, struct werr **err)
{
	struct descriptor entry = {.media_type = d->media_type,
		.digest = d->digest,
		.size = d->size,
		.has_platform = d->has_platform,
		.platform = d->platform};
	struct manifest index = {
		.is_index = true, .media_type = (char[]){MEDIA_OCI_INDEX}, .items = &entry, .n = 1};
	CLEANUP(free) char *text = NULL;
	size_t size;
	int r;

	descriptor_annotate(&entry, ANNOTATION_REF_NAME, name);
	descriptor_annotate(&entry, ANNOTATION_CONTAINERD, name);
	text = manifest_write(&index, &size);
	annotations_free(entry.annotations, entry.n_annotations);
	r = write_text(to, "oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}", err);
	return r < 0 ? r : write_text(to, "index.json", text, err);
}

static void blob_name(struct json_writer *w, const struct descriptor *d)
{
	CLEANUP(free) char *path = digest_blob_path(&d->digest);

	json_string(w, path);
}

/* Docker has no names with a digest: such an image gets no name. */
static int write_manifest_json(struct export_sink *to, const struct image *i, struct werr **err)
{
	CLEANUP(buf) struct buf out = BUF_INIT(MANIFEST_SIZE_MAX);
	struct json_writer w = JSON_WRITER(&out, 0);

	json_open_array(&w);
	json_open_object(&w);
	json_key(&w, "Config");
	blob_name(&w, &i->manifest->config);
	json_key(&w, "RepoTags");
	json_open_array(&w);
	if (!strchr(i->name, '@'))
		json_string(&w, i->name);
	json_close_array(&w);
	json_key(&w, "Layers");
	json_open_array(&w);
	for (size_t l = 0; l < i->manifest->n; l++)
		blob_name(&w, &i->manifest->items[l]);
	json_close_array(&w);
	json_close_object(&w);
	json_close_array(&w);
	if (buf_error(&out) < 0)
		return werr_set(err, WERR_LIMIT, "image %s has too many layers", i->name);
	return write_text(to, "manifest.json", buf_str(&out), err);
}

static int export_docker(struct store *s, const char *name, const struct descriptor *top,
	const struct platform *platform, struct export_sink *to, struct werr **err)
{
	CLEANUP(image) struct image *image = NULL;
	int r;

	if (!platform)
		return werr_set(err, WERR_USAGE, "Docker's format holds one platform; say which");
	r = store_choose(s, name, top, platform, &image, err);
	if (r == 0)
		r = write_manifest_json(to, image, err);
	return r < 0 ? r : write_blobs(s, to, &image->descriptor, err);
}

static int export_oci(struct store *s, const char *name, const struct descriptor *top,
	const struct platform *platform, struct export_sink *to, struct werr **err)
{
	CLEANUP(image) struct image *image = NULL;
	int r = 0;

	if (platform) {
		r = store_choose(s, name, top, platform, &image, err);
		if (r < 0)
			return r;
		top = &image->descriptor;
	}
	r = write_layout(to, name, top, err);
	return r < 0 ? r : write_blobs(s, to, top, err);
}

static int parse_name(const char *text, struct reference *ret, struct werr **err)
{
	int r = reference_parse(text, ret, err);

	if (r == 0 && ret->digest)
		r = werr_set(err, WERR_USAGE, "the name %s must not have a digest", text);
	return r;
}

int export_to(struct store *s, const struct reference *ref, const struct export_options *o,
	struct export_sink *to, struct werr **err)
{
	CLEANUP(reference) struct reference other = {0};
	const char *name = ref->name;
	struct descriptor top = {0};
	int r = store_resolve(s, ref, &top, err);

	if (r == 0 && o->name) {
		r = parse_name(o->name, &other, err);
		name = other.name;
	}
	if (r < 0) {
		descriptor_cleanup(&top);
		return r;
	}
	r = (o->format == STORE_FORMAT_DOCKER ? export_docker : export_oci)(
		s, name, &top, o->platform, to, err);
	if (r < 0)
		werr_wrap(err, "can't export %s", name);
	descriptor_cleanup(&top);
	return r;
}

int store_export(struct store *s, const struct reference *ref, const struct export_options *o,
	struct writer *to, struct werr **err)
{
	struct export_tar tar;
	int r;

	export_tar_init(&tar, to);
	r = export_to(s, ref, o, &tar.sink, err);
	return r < 0 ? r : export_tar_end(&tar, err);
}
