/* SPDX-License-Identifier: Apache-2.0 */
/* Writing and parsing the text of a lock file. */
#include <stdlib.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "resolve/lockfile.h"
#include "data/json.h"

enum { VERSION = 1, INDENT = 2, VERSION_TEXT_MAX = 100 };

/* ---- writing ---- */

static int by_name(const void *a, const void *b)
{
	return strcmp(
		((const struct locked_image *)a)->name, ((const struct locked_image *)b)->name);
}

static int by_platform(const void *a, const void *b)
{
	char left[PLATFORM_TEXT_MAX], right[PLATFORM_TEXT_MAX];

	return strcmp(platform_text(&((const struct locked_platform *)a)->platform, left),
		platform_text(&((const struct locked_platform *)b)->platform, right));
}

static void write_image(struct json_writer *w, const struct locked_image *i)
{
	json_key(w, i->name);
	json_open_object(w);
	json_key_string(w, "digest", i->digest.text);
	json_key(w, "platforms");
	json_open_object(w);
	if (i->n > 0)
		qsort(i->platforms, i->n, sizeof(*i->platforms), by_platform);
	for (size_t k = 0; k < i->n; k++) {
		char text[PLATFORM_TEXT_MAX];

		json_key_string(w, platform_text(&i->platforms[k].platform, text),
			i->platforms[k].manifest.text);
	}
	json_close_object(w);
	json_close_object(w);
}

static void write_compressors(struct json_writer *w, const struct lockfile *l)
{
	bool any = false;

	for (int c = CODECS; c-- > 0;) { /* which is also the order of the names */
		if (!l->compressors[c])
			continue;
		if (!any) {
			json_key(w, "compressors");
			json_open_object(w);
		}
		any = true;
		json_key_string(w, codec_library(c), l->compressors[c]);
	}
	if (any)
		json_close_object(w);
}

char *lockfile_text(const struct lockfile *l)
{
	CLEANUP(buf) struct buf out = BUF_INIT(LOCKFILE_SIZE_MAX);
	struct json_writer w = JSON_WRITER(&out, INDENT);

	if (l->n > 0)
		qsort(l->images, l->n, sizeof(*l->images), by_name);
	json_open_object(&w);
	json_key_u64(&w, "version", VERSION);
	json_key(&w, "images");
	json_open_object(&w);
	for (size_t i = 0; i < l->n; i++)
		write_image(&w, &l->images[i]);
	json_close_object(&w);
	write_compressors(&w, l);
	json_close_object(&w);
	buf_putc(&out, '\n');
	return buf_error(&out) < 0 ? NULL : buf_steal(&out);
}

int lockfile_write(const struct lockfile *l, struct werr **err)
{
	CLEANUP(free) char *text = lockfile_text(l);

	if (!text)
		return werr_set(err, WERR_LIMIT, "%s would be larger than %d MiB", l->path,
			LOCKFILE_SIZE_MAX >> 20);
	return file_write_named(l->path, 0644, text, strlen(text), err);
}

/* ---- parsing ---- */

static const struct node *map_at(const struct node *map, const char *key, struct werr **err)
{
	const struct node *n = node_get(map, key);

	if (n && n->kind == NODE_MAP)
		return n;
	node_error(err, n ? n : map, "'%s' must be present and a map", key);
	return NULL;
}

static int read_digest(const struct node *n, struct digest *ret, struct werr **err)
{
	if (n->kind == NODE_SCALAR && digest_parse(n->text, ret, NULL) == 0)
		return 0;
	return node_error(err, n, "this must be a digest: sha256: and 64 digits");
}

static int read_platforms(const struct node *map, struct locked_image *i, struct werr **err)
{
	i->platforms = mem_new_array(struct locked_platform, map->n);
	for (; i->n < map->n; i->n++) {
		struct locked_platform *p = &i->platforms[i->n];
		int r = read_digest(map->items[i->n], &p->manifest, err);

		if (r < 0)
			return r;
		if (platform_parse(map->keys[i->n]->text, &p->platform, NULL) < 0)
			return node_error(err, map->keys[i->n], "'%.100s' is not a platform",
				map->keys[i->n]->text);
	}
	return 0;
}

static int read_image(
	struct lockfile *l, const struct node *key, const struct node *value, struct werr **err)
{
	CLEANUP(reference) struct reference ref = {0};
	struct locked_image *i;
	const struct node *platforms = map_at(value, "platforms", err);
	const struct node *digest = node_get(value, "digest");

	if (!platforms)
		return werr_code(WERR_INVALID);
	if (reference_parse(key->text, &ref, NULL) < 0)
		return node_error(err, key, "'%.200s' is not an image name", key->text);
	mem_grow(&l->images, l->n, &l->cap, sizeof(*l->images));
	i = &l->images[l->n++];
	i->name = STEAL(ref.name);
	if (read_digest(digest ? digest : value, &i->digest, err) < 0)
		return werr_code(WERR_INVALID);
	return read_platforms(platforms, i, err);
}

static int read_images(struct lockfile *l, const struct document *d, struct werr **err)
{
	const struct node *version = node_get(d->root, "version"), *images;
	uint64_t number;
	int r = 0;

	if (!version || !node_to_u64(version, &number) || number != VERSION)
		return node_error(err, version ? version : d->root,
			"this is not a lock file of version %d", VERSION);
	images = map_at(d->root, "images", err);
	if (!images)
		return werr_code(WERR_INVALID);
	for (size_t i = 0; r == 0 && i < images->n; i++)
		r = read_image(l, images->keys[i], images->items[i], err);
	return r;
}

/* Older lock files have none; unknown ones are ignored. */
static int read_compressors(struct lockfile *l, const struct document *d, struct werr **err)
{
	const struct node *map = node_get(d->root, "compressors");

	if (map && map->kind != NODE_MAP)
		return node_error(err, map, "'compressors' must be a map");
	for (int c = 0; map && c < CODECS; c++) {
		const struct node *n = codec_library(c) ? node_get(map, codec_library(c)) : NULL;

		if (n && (n->kind != NODE_SCALAR || strlen(n->text) > VERSION_TEXT_MAX))
			return node_error(err, n, "this must be a version");
		if (n)
			l->compressors[c] = str_dup(n->text);
	}
	return 0;
}

int lockfile_parse(
	const char *path, const char *text, size_t size, struct lockfile **ret, struct werr **err)
{
	CLEANUP(document) struct document *d = NULL;
	CLEANUP(lockfile) struct lockfile *l = lockfile_new(path);
	int r = json_parse(path, text, size, &d, err);

	if (r == 0)
		r = read_images(l, d, err);
	if (r == 0)
		r = read_compressors(l, d, err);
	if (r < 0) {
		werr_hint(err, "make it again with: wherry lock --update FILE");
		return r;
	}
	*ret = STEAL(l);
	return 0;
}

int lockfile_read(const char *path, struct lockfile **ret, struct werr **err)
{
	CLEANUP(free) char *text = NULL;
	size_t size;
	int r = file_read_at_once(path, LOCKFILE_SIZE_MAX, &text, &size, err);

	return r < 0 ? r : lockfile_parse(path, text, size, ret, err);
}
