/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "tar/ustar.h"
#include "temp-dir.h"

int fixture_setup(void **state)
{
	int r = file_temp_dir("/tmp", "wherry-store", (char **)state, NULL);

	return r < 0 ? r : setenv("XDG_STATE_HOME", *state, 1);
}

int fixture_teardown(void **state)
{
	return temp_dir_remove(state);
}

char *fixture_path(const char *dir, const char *name)
{
	return str_printf("%s/%s", dir, name);
}

struct store *fixture_store(const char *dir, const char *name)
{
	CLEANUP(free) char *path = fixture_path(dir, name);
	struct store *s = NULL;
	struct werr *err = NULL;

	assert_ok(store_open(&s, path, &err), err);
	return s;
}

char *fixture_blob_path(struct store *s, const struct digest *d)
{
	return str_printf("%s/blobs/sha256/%s", store_dir(s), digest_hex(d));
}

bool fixture_has_blob(struct store *s, const struct digest *d)
{
	struct werr *err = NULL;
	bool there = false;

	assert_ok(store_has_blob(s, d, &there, &err), err);
	return there;
}

size_t fixture_entries(struct store *s, const char *name)
{
	CLEANUP(free) char *path = fixture_path(store_dir(s), name);

	return dir_entries(path);
}

static void split_platform(const char *arch, struct platform *p)
{
	CLEANUP(free) char *text = str_printf("linux/%s", arch);

	assert_int_equal(platform_parse(text, p, NULL), 0);
}

char *fixture_config(const char *arch, const char *layer)
{
	CLEANUP(image_config) struct image_config *c = mem_new(struct image_config);
	struct digest d;
	size_t size;

	split_platform(arch, &c->platform);
	digest_of(layer, strlen(layer), &d);
	strv_add(&c->diff_ids, d.text);
	return image_config_write(c, &size);
}

static void put_text(
	struct store *s, const char *text, const char *media_type, struct descriptor *d)
{
	struct werr *err = NULL;

	assert_ok(store_put(s, text, strlen(text), d, &err), err);
	d->media_type = str_dup(media_type);
}

static void put_manifest(
	struct store *s, const char *name, struct manifest *m, struct descriptor *ret)
{
	CLEANUP(free) char *text = NULL;
	struct descriptor d = {0};
	struct werr *err = NULL;
	size_t size;

	text = manifest_write(m, &size);
	put_text(s, text, m->media_type, &d);
	manifest_free(m);
	if (name)
		assert_ok(store_set_name(s, name, &d, &err), err);
	if (ret)
		*ret = d;
	else
		descriptor_cleanup(&d);
}

void fixture_image(struct store *s, const char *name, const char *arch, const char *layer,
	struct descriptor *ret)
{
	CLEANUP(free) char *config = fixture_config(arch, layer);
	struct manifest *m = mem_new(struct manifest);

	m->media_type = str_dup(MEDIA_OCI_MANIFEST);
	m->items = mem_new(struct descriptor);
	m->n = 1;
	put_text(s, layer, MEDIA_OCI_LAYER, &m->items[0]);
	put_text(s, config, MEDIA_OCI_CONFIG, &m->config);
	put_manifest(s, name, m, ret);
	if (ret) {
		ret->has_platform = true;
		split_platform(arch, &ret->platform);
	}
}

void fixture_index(struct store *s, const char *name, struct descriptor *items, size_t n,
	struct descriptor *ret)
{
	struct manifest *m = mem_new(struct manifest);

	m->is_index = true;
	m->media_type = str_dup(MEDIA_OCI_INDEX);
	m->items = mem_new_array(struct descriptor, n);
	m->n = n;
	for (size_t i = 0; i < n; i++) {
		descriptor_copy(&m->items[i], &items[i]);
		descriptor_cleanup(&items[i]);
	}
	put_manifest(s, name, m, ret);
}

int fixture_find(struct store *s, const char *name, const struct platform *platform,
	struct image **ret, struct werr **err)
{
	CLEANUP(reference) struct reference ref = {0};
	int r = reference_parse(name, &ref, err);

	return r < 0 ? r : store_find_image(s, &ref, platform, ret, err);
}

int fixture_remove(struct store *s, const char *name, struct werr **err)
{
	CLEANUP(reference) struct reference ref = {0};
	int r = reference_parse(name, &ref, err);

	return r < 0 ? r : store_remove(s, &ref, err);
}

int fixture_export(struct store *s, const char *name, const struct export_options *o,
	struct writer *to, struct werr **err)
{
	CLEANUP(reference) struct reference ref = {0};
	int r = reference_parse(name, &ref, err);

	return r < 0 ? r : store_export(s, &ref, 1, o, to, err);
}

bool fixture_finds(struct store *s, const char *reference, const char *arch)
{
	CLEANUP(image) struct image *image = NULL;
	struct platform p;

	split_platform(arch, &p);
	return fixture_find(s, reference, &p, &image, NULL) == 0;
}

int fixture_check_image(struct store *s, const char *reference, const char *arch)
{
	CLEANUP(image) struct image *image = NULL;
	CLEANUP(werr) struct werr *err = NULL;
	struct platform p;
	int r;

	split_platform(arch, &p);
	r = fixture_find(s, reference, &p, &image, &err);
	for (size_t i = 0; r == 0 && i < image->manifest->n; i++) {
		CLEANUP(reader) struct reader *reader = NULL;

		r = store_open_blob(s, &image->manifest->items[i], &reader, &err);
		if (r == 0)
			r = reader_drain(reader, &err);
	}
	if (r < 0)
		fprintf(stderr, "%s: %s\n", reference, err->message);
	return r;
}

void fixture_tar(struct buf *tar, const char *path, char type, const char *link, const void *data,
	size_t size)
{
	struct ustar h;

	ustar_init(&h, type, path);
	ustar_put_octal(h.size, sizeof(h.size), size);
	ustar_put_text(h.link, sizeof(h.link), link ? link : "");
	ustar_seal(&h);
	buf_add(tar, &h, sizeof(h));
	buf_add(tar, data, size);
	buf_fill(tar, 0, tar_padding(size));
}

void fixture_tar_text(struct buf *tar, const char *path, const char *text)
{
	fixture_tar(tar, path, '0', NULL, text, strlen(text));
}

char *fixture_tar_file(const char *dir, const char *name, struct buf *tar)
{
	char *path = fixture_path(dir, name);
	struct werr *err = NULL;

	buf_fill(tar, 0, TAR_END);
	assert_int_equal(buf_error(tar), 0);
	assert_ok(file_write_atomic(path, 0644, tar->data, tar->len, &err), err);
	return path;
}
