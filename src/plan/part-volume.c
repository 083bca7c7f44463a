/* SPDX-License-Identifier: Apache-2.0 */
/* A volume: its initial contents, and the directories that are mounted over at boot. */
#include "base/mem.h"
#include "base/path.h"
#include "hash/sha256-fields.h"
#include "plan/rootfs.h"
#include "plan/part-impl.h"
#include "data/json.h"
#include "contract/paths.h"

enum { INDEX_SIZE_MAX = 64 << 10, INDEX_INDENT = 3 };

/* Everything in a layout has the time 0, as with LinuxKit. */
static int put_file(struct tree *t, const char *dir, const char *name, struct reader *content,
	struct werr **err)
{
	static const struct tree_meta meta = {.mode = S_IFREG | 0644};
	static const struct tree_meta dirs = {.mode = S_IFDIR | 0755};
	CLEANUP(free) char *path = path_join(dir, name);

	return tree_put(t, path, &meta, NULL, content, &dirs, NULL, err);
}

static int put_text(
	struct tree *t, const char *dir, const char *name, const char *text, struct werr **err)
{
	CLEANUP(reader) struct reader *content = mem_reader_new(text, strlen(text));

	return put_file(t, dir, name, content, err);
}

static int put_blobs(const struct plan *p, const struct image_layout *l, struct tree *t,
	const char *dir, struct werr **err)
{
	for (size_t i = 0; i < l->n_blobs; i++) {
		CLEANUP(free) char *name = digest_blob_path(&l->blobs[i].digest);
		CLEANUP(reader) struct reader *blob = NULL;
		int r = store_open_blob(p->store, &l->blobs[i], &blob, err);

		if (r == 0)
			r = put_file(t, dir, name, blob, err);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Byte for byte what LinuxKit writes, so that the same volume has the same digest. */
static int put_index(
	const struct image_layout *l, struct tree *t, const char *dir, struct werr **err)
{
	CLEANUP(buf) struct buf out = BUF_INIT(INDEX_SIZE_MAX);
	struct json_writer w = JSON_WRITER(&out, INDEX_INDENT);

	json_open_object(&w);
	json_key_u64(&w, "schemaVersion", 2);
	json_key_string(&w, "mediaType", MEDIA_OCI_INDEX);
	json_key(&w, "manifests");
	json_open_array(&w);
	json_open_object(&w);
	json_key_string(&w, "mediaType", l->top.media_type);
	json_key_u64(&w, "size", l->top.size);
	json_key_string(&w, "digest", l->top.digest.text);
	json_key(&w, "annotations");
	json_open_object(&w);
	json_key_string(&w, ANNOTATION_REF_NAME, l->name);
	json_close_object(&w);
	json_close_object(&w);
	json_close_array(&w);
	json_close_object(&w);
	if (buf_error(&out) < 0)
		return werr_set(err, WERR_LIMIT, "the name of %s is too long", l->name);
	return put_text(t, dir, "index.json", buf_str(&out), err);
}

static int put_layout(const struct plan *p, const struct part *part, struct tree *t,
	const char *dir, struct werr **err)
{
	static const char version[] = "{\n\t\t\"imageLayoutVersion\": \"1.0.0\"\n\t}";
	int r = put_text(t, dir, "oci-layout", version, err);

	if (r == 0)
		r = put_blobs(p, part->layout, t, dir, err);
	if (r < 0)
		return r;
	return put_index(part->layout, t, dir, err);
}

static int load(
	const struct plan *p, const struct part *part, struct part_content *ret, struct werr **err)
{
	const struct config_volume *v = part->volume;
	CLEANUP(free) char *lower = path_join(v->dir, VOLUME_LOWER);
	CLEANUP(free) char *tmp = path_join(v->dir, VOLUME_TMP);
	CLEANUP(free) char *merged = path_join(v->dir, VOLUME_MERGED);
	int r;

	ret->once.dir = v->dir;
	if (v->image)
		part_content_set_image_at(ret, v->image, "volume", v->index);
	else
		part_content_set_origin_at(ret, "empty", "volume", v->index);
	r = part->unchanged ? part_load_unchanged(p, part, ret, err)
			    : part_content_put_dir(ret->tree, part->image ? v->dir : lower, err);
	if (r == 0 && part->layout)
		r = put_layout(p, part, ret->tree, lower, err);
	part_content_set_origin_at(ret, "linuxkit.volumes", "volume", v->index);
	if (part->unchanged)
		return r < 0 ? r : part_load_unchanged(p, part, ret, err);
	/* A volume without tmp is mounted read-only; LinuxKit makes tmp regardless. */
	if (r == 0 && (!v->readonly || p->config->compat))
		r = part_content_put_dir(ret->tree, tmp, err);
	if (r == 0)
		r = part_content_put_dir(ret->tree, merged, err);
	if (r < 0 || !part->image)
		return r;
	r = rootfs_load(p->store, part->image, ret->meter, &ret->files, err);
	if (r == 0)
		r = rootfs_fix(ret->files, ROOTFS_FOR_INIT, err);
	if (r < 0)
		return r;
	ret->prefix = part->prefix;
	return 0;
}

static int key(struct sha256 *h, const struct plan *p, const struct part *part)
{
	const struct config_volume *v = part->volume;
	const struct image_layout *l = part->layout;

	sha256_add_text(h, v->dir);
	sha256_add_number(h, v->readonly && !p->config->compat);
	part_image_key(h, part->image);
	sha256_add_number(h, l != NULL);
	if (!l)
		return 0;
	sha256_add_text(h, l->name);
	sha256_add_text(h, l->top.media_type);
	sha256_add_text(h, l->top.digest.text);
	sha256_add_number(h, l->n_blobs);
	for (size_t i = 0; i < l->n_blobs; i++)
		sha256_add_text(h, l->blobs[i].digest.text);
	return 0;
}

const struct part_kind part_kind_volume = {
	.name = "volume", .is_kept = true, .load = load, .key = key};
