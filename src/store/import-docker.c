/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Importing the output of docker save and podman save: manifest.json names each image's
 * configuration, layers and tags.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "data/json.h"
#include "store/import.h"

enum { LINKS_MAX = 8, IMAGES_MAX = 1000 };

static const struct saved_file *find(const struct saved_files *files, const char *path)
{
	for (size_t i = 0; i < files->n; i++)
		if (str_eq(files->items[i].path, path))
			return &files->items[i];
	return NULL;
}

/* Find the file for a path in manifest.json, following links. */
static int look_up(const struct saved_files *files, const char *path, const struct saved_file **ret,
	struct werr **err)
{
	CLEANUP(free) char *inside = path_inside(path);
	const struct saved_file *f = inside ? find(files, inside) : NULL;

	for (unsigned i = 0; f && f->target; i++)
		f = i < LINKS_MAX ? find(files, f->target) : NULL;
	if (!f)
		return werr_set(
			err, WERR_INVALID, "manifest.json names %s, which is not there", path);
	*ret = f;
	return 0;
}

static int read_config(struct import *im, const struct saved_file *f, const char *path,
	struct image_config **ret, struct werr **err)
{
	struct descriptor d = {.digest = f->digest, .size = f->size};
	CLEANUP(free) char *text = NULL;
	int r = store_read_blob(im->store, &d, IMAGE_CONFIG_SIZE_MAX, &text, err);

	return r < 0 ? r : image_config_parse(path, text, f->size, ret, err);
}

/* Docker's and podman's layers are plain tars; other tools that write this form gzip them. */
static int add_layer(struct import *im, const struct saved_file *f, const char *path,
	const char *diff_id, struct descriptor *ret, struct werr **err)
{
	struct descriptor d = {.digest = f->digest, .size = f->size};
	bool plain = str_eq(f->digest.text, diff_id);
	struct digest content = f->digest;
	CLEANUP(werr) struct werr *why = NULL;
	int r = plain ? 0 : store_gzip_diff_id(im->store, &d, &content, &why);

	/* A layer that is not gzip does not match the image either. */
	if (r < 0 && r != -EBADMSG) {
		werr_wrap(&why, "layer %s", path);
		werr_pass(err, STEAL(why));
		return r;
	}
	if (!str_eq(content.text, diff_id))
		return werr_set(err, WERR_CORRUPT,
			"layer %s is damaged: it has the digest %s, and the image says %s", path,
			content.text, diff_id);
	d.media_type = str_dup(plain ? MEDIA_OCI_LAYER : MEDIA_OCI_LAYER_GZIP);
	*ret = d;
	return 0;
}

static int add_layers(struct import *im, const struct saved_files *files, const struct node *layers,
	const struct image_config *config, struct manifest *m, struct werr **err)
{
	size_t n = layers && layers->kind == NODE_LIST ? layers->n : 0;

	if (n != config->diff_ids.n)
		return werr_set(err, WERR_INVALID,
			"manifest.json lists %zu layers, the image's configuration %zu", n,
			config->diff_ids.n);
	m->items = mem_new_array(struct descriptor, n);
	for (; m->n < n; m->n++) {
		const char *path = layers->items[m->n]->text;
		const struct saved_file *f;
		int r = look_up(files, path, &f, err);

		if (r == 0)
			r = add_layer(
				im, f, path, config->diff_ids.items[m->n], &m->items[m->n], err);
		if (r < 0)
			return r;
	}
	return 0;
}

/* The same files give the same manifest, so the image keeps its digest. */
static int make_manifest(struct import *im, const struct saved_files *files,
	const struct node *image, struct descriptor *ret, struct werr **err)
{
	CLEANUP(manifest) struct manifest *m = mem_new(struct manifest);
	CLEANUP(image_config) struct image_config *config = NULL;
	CLEANUP(free) char *text = NULL;
	const char *path = node_get_text(image, "Config");
	const struct saved_file *f;
	size_t size;
	int r;

	if (!path)
		return werr_set(err, WERR_INVALID, "manifest.json names no configuration");
	r = look_up(files, path, &f, err);
	if (r == 0)
		r = read_config(im, f, path, &config, err);
	if (r == 0)
		r = store_write_pending(im->store, &f->digest, err);
	if (r == 0)
		r = add_layers(im, files, node_get(image, "Layers"), config, m, err);
	if (r < 0)
		return r;
	m->media_type = str_dup(MEDIA_OCI_MANIFEST);
	m->config = (struct descriptor){
		.media_type = str_dup(MEDIA_OCI_CONFIG), .digest = f->digest, .size = f->size};
	text = manifest_write(m, &size);
	ret->media_type = str_dup(MEDIA_OCI_MANIFEST);
	return store_put(im->store, text, size, ret, err);
}

static int add_names(
	struct import *im, const struct node *image, const struct descriptor *d, struct werr **err)
{
	const struct node *tags = node_get(image, "RepoTags");
	int r = 0;

	if (!tags || tags->kind != NODE_LIST || tags->n == 0)
		return import_add(im, NULL, NULL, d, err);
	for (size_t i = 0; r == 0 && i < tags->n && i < IMAGES_MAX; i++)
		r = import_add(im, tags->items[i]->text, NULL, d, err);
	return r;
}

static int import_image(struct import *im, const struct saved_files *files,
	const struct node *image, struct werr **err)
{
	struct descriptor d = {0};
	int r = make_manifest(im, files, image, &d, err);

	if (r == 0)
		r = add_names(im, image, &d, err);
	descriptor_cleanup(&d);
	return r;
}

int import_docker(struct import *im, const struct saved_files *files, const char *text, size_t size,
	struct werr **err)
{
	CLEANUP(document) struct document *d = NULL;
	int r = json_parse("manifest.json", text, size, &d, err);

	if (r < 0)
		return r;
	if (d->root->kind != NODE_LIST)
		return werr_set(err, WERR_INVALID, "manifest.json is not a list of images");
	if (d->root->n > IMAGES_MAX)
		return werr_set(err, WERR_LIMIT,
			"manifest.json lists %zu images, more than the %d allowed", d->root->n,
			IMAGES_MAX);
	for (size_t i = 0; r == 0 && i < d->root->n; i++)
		r = import_image(im, files, d->root->items[i], err);
	return r;
}
