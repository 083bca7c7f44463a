/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Images out, as tar: an OCI layout, or the form that docker load reads. The same image gives the same bytes.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/str.h"
#include "data/json.h"
#include "store/walk.h"

enum { TAR_BLOCK = 512, TAR_PATH = 100, TAR_SIZE_DIGITS = 11 };

static void octal(char *field, size_t digits, uint64_t value)
{
	for (size_t i = digits; i-- > 0; value >>= 3)
		field[i] = (char)('0' + (value & 7));
}

/* GNU's form for what octal digits can't hold: a set top bit and the number, big-endian. */
static void binary(char *field, size_t size, uint64_t value)
{
	for (size_t i = size; i-- > 0; value >>= 8)
		field[i] = (char)(value & 0xff);
	field[0] |= (char)0x80;
}

/* A ustar header (POSIX 1003.1, pax) of a file that belongs to root, with the time 0. */
static int write_header(struct writer *to, const char *path, uint64_t size, struct werr **err)
{
	char block[TAR_BLOCK] = {0};
	uint64_t sum = 0;
	int r = str_copy(block, TAR_PATH, path);

	if (r < 0)
		return werr_set(err, WERR_LIMIT, "the name %s is too long for a tar", path);
	octal(block + 100, 7, 0644);
	octal(block + 108, 7, 0);
	octal(block + 116, 7, 0);
	if (size >> (3 * TAR_SIZE_DIGITS))
		binary(block + 124, 12, size);
	else
		octal(block + 124, TAR_SIZE_DIGITS, size);
	octal(block + 136, 11, 0);
	memset(block + 148, ' ', 8);
	block[156] = '0';
	memcpy(block + 257, "ustar\00000", 8);
	for (size_t i = 0; i < sizeof(block); i++)
		sum += (unsigned char)block[i];
	octal(block + 148, 6, sum);
	block[154] = 0;
	return writer_write(to, block, sizeof(block), err);
}

static int write_padding(struct writer *to, uint64_t size, struct werr **err)
{
	return writer_fill(to, 0, (TAR_BLOCK - size % TAR_BLOCK) % TAR_BLOCK, err);
}

static int write_text(struct writer *to, const char *path, const char *text, struct werr **err)
{
	size_t size = strlen(text);
	int r = write_header(to, path, size, err);

	if (r == 0)
		r = writer_write(to, text, size, err);
	return r < 0 ? r : write_padding(to, size, err);
}

static int write_blob(
	struct store *s, struct writer *to, const struct descriptor *d, struct werr **err)
{
	CLEANUP(free) char *path = str_printf("blobs/sha256/%s", digest_hex(&d->digest));
	CLEANUP(reader) struct reader *blob = NULL;
	int r = store_open_blob(s, d, &blob, err);

	if (r == 0)
		r = write_header(to, path, d->size, err);
	if (r == 0)
		r = io_copy(blob, to, NULL, err);
	return r < 0 ? r : write_padding(to, d->size, err);
}

/* The blobs that are there, each once, in the order in which the image names them. */
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
	struct store *s, struct writer *to, const struct descriptor *top, struct werr **err)
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
	struct writer *to, const char *name, const struct descriptor *d, struct werr **err)
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
	CLEANUP(free) char *path = str_printf("blobs/sha256/%s", digest_hex(&d->digest));

	json_string(w, path);
}

/* Docker has no names with a digest: such an image gets none. */
static int write_manifest_json(struct writer *to, const struct image *i, struct werr **err)
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
	const struct platform *platform, struct writer *to, struct werr **err)
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
	const struct platform *platform, struct writer *to, struct werr **err)
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

int store_export(struct store *s, const char *reference, const struct platform *platform,
	enum store_format format, struct writer *to, struct werr **err)
{
	struct descriptor top = {0};
	CLEANUP(free) char *name = NULL;
	int r = store_resolve(s, reference, &name, &top, err);

	if (r < 0)
		return r;
	if (format == STORE_FORMAT_DOCKER)
		r = export_docker(s, name, &top, platform, to, err);
	else
		r = export_oci(s, name, &top, platform, to, err);
	/* The end of a tar: two blocks of zeros. */
	if (r == 0)
		r = writer_fill(to, 0, 2 * TAR_BLOCK, err);
	if (r < 0)
		werr_wrap(err, "can't export %s", name);
	descriptor_cleanup(&top);
	return r;
}
