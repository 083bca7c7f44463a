/* SPDX-License-Identifier: Apache-2.0 */
#include "image-maker.h"

#include "oci/image-config.h"
#include "oci/manifest.h"

enum { LAYER_SIZE_MAX = 1 << 20 };

static int put(struct store *s, const char *p, size_t size, const char *media_type,
	struct descriptor *ret, struct werr **err)
{
	int r = store_put(s, p, size, ret, err);

	if (r == 0)
		ret->media_type = str_dup(media_type);
	return r;
}

static int put_config(struct store *s, const struct sample_image *image, const struct buf *layer,
	struct descriptor *ret, struct werr **err)
{
	CLEANUP(image_config) struct image_config *c = mem_new(struct image_config);
	CLEANUP(free) char *text = NULL;
	struct digest diff_id;
	size_t size;
	int r = platform_parse("linux/amd64", &c->platform, err);

	if (r < 0)
		return r;
	digest_of(layer->data, layer->len, &diff_id);
	strv_add(&c->diff_ids, diff_id.text);
	if (image->entrypoint)
		strv_add(&c->entrypoint, image->entrypoint);
	if (image->label)
		image_config_set_label(c, "org.mobyproject.config", image->label);
	c->user = str_dup(image->user);
	text = image_config_write(c, &size);
	return put(s, text, size, MEDIA_OCI_CONFIG, ret, err);
}

static void add_modules(struct buf *layer, const struct item *modules)
{
	CLEANUP(buf) struct buf tar = BUF_INIT(LAYER_SIZE_MAX);

	if (!modules->name)
		return;
	tar_items(&tar, modules);
	tar_header(layer, &(struct item){"kernel.tar"}, tar.len);
	tar_data(layer, tar.data, tar.len);
}

int sample_image_put(struct store *s, const struct sample_image *image, struct werr **err)
{
	CLEANUP(buf) struct buf layer = BUF_INIT(LAYER_SIZE_MAX);
	CLEANUP(manifest) struct manifest *m = mem_new(struct manifest);
	CLEANUP(descriptor) struct descriptor top = {0};
	CLEANUP(free) char *text = NULL;
	size_t size;
	int r;

	add_modules(&layer, image->modules);
	tar_items(&layer, image->items);
	m->media_type = str_dup(MEDIA_OCI_MANIFEST);
	m->items = mem_new(struct descriptor);
	m->n = 1;
	r = put(s, layer.data, layer.len, MEDIA_OCI_LAYER, &m->items[0], err);
	if (r == 0)
		r = put_config(s, image, &layer, &m->config, err);
	if (r < 0)
		return r;
	text = manifest_write(m, &size);
	r = put(s, text, size, MEDIA_OCI_MANIFEST, &top, err);
	return r < 0 ? r : store_set_name(s, image->name, &top, err);
}
