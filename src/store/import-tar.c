/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Importing archives: an OCI layout, the output of docker save or podman save, or both in one. The
 * archive is read once, from start to end (it may be a pipe), and everything that may belong to an
 * image goes into the store; which files are images is known at the end.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "store/import.h"
#include "store/untar.h"

enum { SAVED_FILES_MAX = 20000, MANIFEST_JSON_MAX = 4 << 20 };

struct import_tar {
	struct import *im;
	struct untar *tar;
	char *index, *manifest; /* index.json and manifest.json, or NULL */
	size_t index_size, manifest_size;
	struct saved_files files;
};

static void import_tar_cleanup(struct import_tar *t)
{
	untar_cleanup(&t->tar);
	free(t->index);
	free(t->manifest);
	for (size_t i = 0; i < t->files.n; i++) {
		free(t->files.items[i].path);
		free(t->files.items[i].target);
	}
	free(t->files.items);
}

static void consumed(void *ctx, uint64_t bytes)
{
	const struct import *im = ctx;

	progress_report(im->progress, PROGRESS_ADVANCE, "import", im->path, bytes, im->total);
}

static int twice(const char *path, struct werr **err)
{
	return werr_set(err, WERR_INVALID, "the archive has %s twice", path);
}

static int read_text(struct import_tar *t, const char *path, size_t max, char **text, size_t *size,
	struct werr **err)
{
	int r;

	if (*text)
		return twice(path, err);
	r = reader_read_all(untar_data(t->tar), max, text, size, err);
	if (r == -E2BIG)
		werr_wrap(err, "%s", path);
	return r;
}

/*
 * Import blobs/KIND/HEX, which must have that digest. An undamaged blob in the store is not written
 * again.
 */
static int take_blob(
	struct import_tar *t, const struct untar_entry *e, struct digest *digest, struct werr **err)
{
	struct descriptor d = {.digest = *digest, .size = e->size};
	int r = store_check_blob(t->im->store, &d, NULL);

	/* A blob with any other fault is replaced. */
	if (r == 0)
		return 0;
	return import_blob(t->im, &d, untar_data(t->tar), err);
}

static int take_file(struct import_tar *t, struct digest *ret, struct werr **err)
{
	CLEANUP(blob_writer) struct blob_writer *b = NULL;
	struct descriptor d = {0};
	int r = store_new_blob(t->im->store, &b, err);

	if (r == 0)
		r = io_copy(untar_data(t->tar), blob_writer_stream(b), NULL, err);
	if (r == 0)
		r = blob_writer_commit(b, NULL, &d, err);
	if (r == 0)
		*ret = d.digest;
	return r;
}

static struct saved_file *find_saved(struct saved_files *files, const char *path)
{
	for (size_t i = 0; i < files->n; i++)
		if (str_eq(files->items[i].path, path))
			return &files->items[i];
	return NULL;
}

/*
 * A repeated file is harmless; two different ones of one name would be two images, depending on the
 * reader.
 */
static int remember(struct import_tar *t, const struct untar_entry *e, const struct digest *digest,
	struct werr **err)
{
	const struct saved_file *old = find_saved(&t->files, e->path);
	struct saved_file *f;

	if (old) {
		if (digest && !old->target && digest_eq(digest, &old->digest))
			return 0;
		return twice(e->path, err);
	}
	if (t->files.n >= SAVED_FILES_MAX)
		return werr_set(err, WERR_LIMIT, "the archive has more than the %d files allowed",
			SAVED_FILES_MAX);
	mem_grow(&t->files.items, t->files.n, &t->files.cap, sizeof(*t->files.items));
	f = &t->files.items[t->files.n++];
	f->path = str_dup(e->path);
	f->target = str_dup(e->target);
	f->size = e->size;
	if (digest)
		f->digest = *digest;
	return 0;
}

/* Check for the paths of configurations and layers. Other files of an archive are not kept. */
static bool may_be_needed(const char *path)
{
	static const char *const patterns[] = {"*.json", "*.tar", "*.tar.gz", "*.tgz",
		"*/layer.tar", "sha256:*", "blobs/sha256/*", "blobs/sha512/*"};

	for (size_t i = 0; i < ARRAY_SIZE(patterns); i++)
		if (path_match(patterns[i], path))
			return true;
	return false;
}

static int take_entry(struct import_tar *t, const struct untar_entry *e, struct werr **err)
{
	const char *in_blobs = str_after(e->path, "blobs/");
	struct digest digest;
	int r;

	if (e->kind == UNTAR_FILE && str_eq(e->path, "index.json"))
		return read_text(t, e->path, MANIFEST_SIZE_MAX, &t->index, &t->index_size, err);
	if (e->kind == UNTAR_FILE && str_eq(e->path, "manifest.json"))
		return read_text(
			t, e->path, MANIFEST_JSON_MAX, &t->manifest, &t->manifest_size, err);
	if (!may_be_needed(e->path) || (e->kind == UNTAR_LINK && !e->target)) {
		log_debug("%s: %s is not needed", t->im->path, e->path);
		return 0;
	}
	if (e->kind == UNTAR_LINK)
		return remember(t, e, NULL, err);
	if (in_blobs && digest_parse_path(in_blobs, &digest) == 0)
		r = take_blob(t, e, &digest, err);
	else if (in_blobs)
		return 0; /* not a blob */
	else
		r = take_file(t, &digest, err);
	if (r < 0) {
		werr_wrap(err, "%s", e->path);
		return r;
	}
	return remember(t, e, &digest, err);
}

static int take_entries(struct import_tar *t, struct werr **err)
{
	for (;;) {
		struct untar_entry e = {0};
		bool end = false;
		int r = untar_next(t->tar, &e, &end, err);

		if (r == 0 && !end && e.path && e.kind != UNTAR_OTHER)
			r = take_entry(t, &e, err);
		untar_entry_cleanup(&e);
		if (r < 0 || end)
			return r;
	}
}

/*
 * By now all blobs of the archive are in the store; blobs of earlier imports may be used as well.
 */
static int have_blob(struct walk *w, const struct descriptor *d, struct werr **err)
{
	return store_stat_blob(w->store, d, err);
}

int import_tar(struct import *im, struct reader *from, int seek_fd, struct werr **err)
{
	CLEANUP(import_tar) struct import_tar t = {.im = im};
	int r = untar_open(&t.tar, from, seek_fd, consumed, im, err);

	if (r == 0)
		r = take_entries(&t, err);
	if (r == 0)
		r = untar_drain(t.tar, err);
	if (r < 0)
		return r;
	if (t.index)
		return import_index(im, t.index, t.index_size, have_blob, NULL, err);
	if (t.manifest)
		return import_docker(im, &t.files, t.manifest, t.manifest_size, err);
	r = werr_set(
		err, WERR_INVALID, "the archive has no image: no index.json, no manifest.json");
	werr_hint(err,
		"import takes OCI layouts (a directory or tar) and what docker save or podman "
		"save wrote");
	return r;
}
