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

int export_text(struct export_sink *to, const char *path, const char *text, struct werr **err)
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

/* What is written of an image. */
struct exported {
	char *name;
	struct descriptor top;
	struct image *image; /* of the platform; NULL: all of them */
};
struct export_list {
	struct exported *items;
	size_t n;
};

static void export_list_cleanup(struct export_list *l)
{
	for (size_t i = 0; i < l->n; i++) {
		free(l->items[i].name);
		descriptor_cleanup(&l->items[i].top);
		if (l->items[i].image)
			store_image_free(l->items[i].image);
	}
	free(l->items);
}

/* What images have in common is written once. */
static int write_blobs(struct store *s, struct export_sink *to, const struct export_list *images,
	struct werr **err)
{
	struct blob_list list = {0};
	struct walk w = {.store = s, .visit = list_blob, .ctx = &list};
	int r = 0;

	for (size_t i = 0; r == 0 && i < images->n; i++) {
		r = walk_image(&w, &images->items[i].top, err);
		if (r < 0)
			werr_wrap(err, "can't export %s", images->items[i].name);
	}
	for (size_t i = 0; r == 0 && i < list.n; i++)
		r = write_blob(s, to, &list.items[i], err);
	walk_cleanup(&w);
	free(list.items);
	return r;
}

int export_layout(struct export_sink *to, const struct manifest *index, struct werr **err)
{
	size_t size;
	CLEANUP(free) char *text = manifest_write(index, &size);
	int r = export_text(to, "oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}", err);

	return r < 0 ? r : export_text(to, "index.json", text, err);
}

static int write_layout(struct export_sink *to, const struct export_list *images, struct werr **err)
{
	CLEANUP(manifest) struct manifest *index = mem_new(struct manifest);

	index->is_index = true;
	index->media_type = str_dup(MEDIA_OCI_INDEX);
	index->items = mem_new_array(struct descriptor, images->n);
	index->n = images->n;
	for (size_t i = 0; i < images->n; i++) {
		const struct descriptor *d = &images->items[i].top;
		struct descriptor *entry = &index->items[i];

		*entry = (struct descriptor){.media_type = str_dup(d->media_type),
			.digest = d->digest,
			.size = d->size,
			.has_platform = d->has_platform,
			.platform = d->platform};
		descriptor_annotate(entry, ANNOTATION_REF_NAME, images->items[i].name);
		descriptor_annotate(entry, ANNOTATION_CONTAINERD, images->items[i].name);
	}
	return export_layout(to, index, err);
}

static void blob_name(struct json_writer *w, const struct descriptor *d)
{
	CLEANUP(free) char *path = digest_blob_path(&d->digest);

	json_string(w, path);
}

/* Docker has no names with a digest: such an image gets no name. */
static void add_docker_image(struct json_writer *w, const struct exported *e)
{
	const struct manifest *m = e->image->manifest;

	json_open_object(w);
	json_key(w, "Config");
	blob_name(w, &m->config);
	json_key(w, "RepoTags");
	json_open_array(w);
	if (!strchr(e->name, '@'))
		json_string(w, e->name);
	json_close_array(w);
	json_key(w, "Layers");
	json_open_array(w);
	for (size_t l = 0; l < m->n; l++)
		blob_name(w, &m->items[l]);
	json_close_array(w);
	json_close_object(w);
}

static int write_manifest_json(
	struct export_sink *to, const struct export_list *images, struct werr **err)
{
	CLEANUP(buf) struct buf out = BUF_INIT(MANIFEST_SIZE_MAX);
	struct json_writer w = JSON_WRITER(&out, 0);

	json_open_array(&w);
	for (size_t i = 0; i < images->n; i++)
		add_docker_image(&w, &images->items[i]);
	json_close_array(&w);
	if (buf_error(&out) < 0)
		return werr_set(err, WERR_LIMIT, "there are too many layers");
	return export_text(to, "manifest.json", buf_str(&out), err);
}

static int parse_name(const char *text, struct reference *ret, struct werr **err)
{
	int r = reference_parse(text, ret, err);

	if (r == 0 && ret->digest)
		r = werr_set(err, WERR_USAGE, "the name %s must not have a digest", text);
	return r;
}

static int find_image(struct store *s, const struct reference *ref, const struct export_options *o,
	struct exported *e, struct werr **err)
{
	CLEANUP(reference) struct reference other = {0};
	int r = store_resolve(s, ref, &e->top, err);

	if (r == 0 && o->name)
		r = parse_name(o->name, &other, err);
	if (r < 0)
		return r;
	e->name = str_dup(o->name ? other.name : ref->name);
	if (o->platform)
		r = (o->format == STORE_FORMAT_DOCKER ? store_choose : store_choose_any)(
			s, e->name, &e->top, o->platform, &e->image, err);
	if (r < 0) {
		werr_wrap(err, "can't export %s", e->name);
	} else if (e->image) {
		descriptor_cleanup(&e->top);
		descriptor_copy(&e->top, &e->image->descriptor);
	}
	return r;
}

/* The images that are missing are reported together. */
static int find_images(struct store *s, const struct reference *refs, size_t n,
	const struct export_options *o, struct export_list *ret, struct werr **err)
{
	int result = 0;

	ret->items = mem_new_array(struct exported, n);
	ret->n = n;
	for (size_t i = 0; i < n; i++) {
		struct werr *why = NULL;
		int r = find_image(s, &refs[i], o, &ret->items[i], &why);

		werr_collect(err, &result, r, why);
	}
	return result;
}

int export_to(struct store *s, const struct reference *refs, size_t n,
	const struct export_options *o, struct export_sink *to, struct werr **err)
{
	CLEANUP(export_list) struct export_list images = {0};
	bool docker = o->format == STORE_FORMAT_DOCKER;
	int r;

	if (docker && !o->platform)
		return werr_set(err, WERR_USAGE, "Docker's format holds one platform; say which");
	if (o->name && n > 1)
		return werr_set(err, WERR_USAGE, "one name is not enough for several images");
	r = find_images(s, refs, n, o, &images, err);
	if (r == 0)
		r = (docker ? write_manifest_json : write_layout)(to, &images, err);
	return r < 0 ? r : write_blobs(s, to, &images, err);
}

int store_export(struct store *s, const struct reference *refs, size_t n,
	const struct export_options *o, struct writer *to, struct werr **err)
{
	struct export_tar tar;
	int r;

	export_tar_init(&tar, to);
	r = export_to(s, refs, n, o, &tar.sink, err);
	return r < 0 ? r : export_tar_end(&tar, err);
}
