/* SPDX-License-Identifier: Apache-2.0 */
/* Importing OCI image layouts: image-spec image-layout.md. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "store/import.h"

/* A full name wins over a tag; containerd and Docker keep the full name in an annotation of their
 * own. */
static char *name_in_index(const struct descriptor *d)
{
	char *name = store_entry_name(d);

	return name ? name : str_dup(descriptor_annotation(d, ANNOTATION_REF_NAME));
}

static int import_entry(
	struct import *im, struct walk *w, const struct descriptor *d, struct werr **err)
{
	CLEANUP(free) char *name = name_in_index(d);
	bool only_tag = name && !strpbrk(name, "/:@");
	int r = walk_image(w, d, err);

	if (r == 0)
		r = store_check_image(im->store, d, err);
	if (r < 0) {
		werr_wrap(err, "image %s", name ? name : d->digest.text);
		return r;
	}
	return import_add(im, only_tag ? NULL : name, only_tag ? name : NULL, d, err);
}

/* An unusable image does not keep the others out. Damage does: a damaged file can't be trusted. */
static bool can_be_left_out(int r)
{
	return r == -ENOENT || r == -EINVAL || r == -EOPNOTSUPP;
}

/* The first error is the result if no image is left. */
static int import_entries(
	struct import *im, struct walk *w, const struct manifest *index, struct werr **err)
{
	CLEANUP(werr) struct werr *first = NULL;
	int first_r = 0;

	for (size_t i = 0; i < index->n; i++) {
		CLEANUP(werr) struct werr *why = NULL;
		int r = import_entry(im, w, &index->items[i], &why);

		if (r < 0 && !can_be_left_out(r)) {
			werr_pass(err, STEAL(why));
			return r;
		}
		if (r < 0 && index->n > 1)
			log_warning("%s: %s; it is left out", im->path, why->message);
		if (r < 0 && first_r == 0) {
			first = STEAL(why);
			first_r = r;
		}
	}
	if (im->entries.n > 0 || first_r == 0)
		return 0;
	werr_pass(err, STEAL(first));
	return first_r;
}

/*
 * Keep the manifests that were walked and are complete; the store does not get even the manifests
 * of images for other platforms.
 */
static int write_whole(struct store *s, const struct digest *d, const void *ctx, struct werr **err)
{
	return walk_is_whole(ctx, d) ? store_write_pending(s, d, err) : 0;
}

int import_index(struct import *im, const char *text, size_t size,
	int (*visit)(struct walk *w, const struct descriptor *d, struct werr **err), void *ctx,
	struct werr **err)
{
	CLEANUP(manifest) struct manifest *index = NULL;
	struct walk w = {.store = im->store, .visit = visit, .ctx = ctx};
	int r = manifest_parse("index.json", text, size, MEDIA_OCI_INDEX, &index, err);

	if (r == 0 && !index->is_index)
		r = werr_set(err, WERR_INVALID, "index.json is not an index");
	if (r == 0)
		r = import_entries(im, &w, index, err);
	if (r == 0)
		r = store_visit_pending(im->store, write_whole, &w, err);
	walk_cleanup(&w);
	return r;
}

struct layout_dir {
	struct import *im;
	uint64_t done;
};

static int open_regular(const char *path, int *ret_fd, uint64_t *ret_size, struct werr **err)
{
	/* Don't wait for the writer of a fifo. */
	CLEANUP(fd) int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return werr_errno(err, errno, "can't open %s", path);
	if (!S_ISREG(st.st_mode))
		return werr_set(err, WERR_INVALID, "%s is not a file", path);
	*ret_fd = fd_steal(&fd);
	*ret_size = (uint64_t)st.st_size;
	return 0;
}

static int open_in_dir(const char *path, const struct descriptor *d, int *ret_fd, struct werr **err)
{
	CLEANUP(fd) int fd = -1;
	uint64_t size;
	int r = open_regular(path, &fd, &size, err);

	if (r < 0)
		return r;
	if (size != d->size)
		return werr_set(err, WERR_CORRUPT,
			"blob %s is damaged: it does not have the stated size", d->digest.text);
	*ret_fd = fd_steal(&fd);
	return 0;
}

static int bring_from_dir(struct walk *w, const struct descriptor *d, struct werr **err)
{
	struct layout_dir *f = w->ctx;
	CLEANUP(free) char *in_layout = digest_blob_path(&d->digest);
	CLEANUP(free) char *path = path_join(f->im->path, in_layout);
	CLEANUP(reader) struct reader *reader = NULL;
	int fd = -1, r = 0;

	if (store_check_blob(w->store, d, NULL) < 0) {
		r = open_in_dir(path, d, &fd, err);
		if (r < 0)
			return r;
		reader = fd_reader_new(fd, FD_OWNED, path);
		r = import_blob(f->im, d, reader, err);
	}
	f->done += d->size;
	progress_report(f->im->progress, PROGRESS_ADVANCE, "import", f->im->path, f->done, 0);
	return r;
}

int import_dir(struct import *im, struct werr **err)
{
	struct layout_dir f = {.im = im};
	CLEANUP(free) char *index = path_join(im->path, "index.json");
	CLEANUP(free) char *text = NULL;
	uint64_t file_size;
	size_t size;
	int fd, r = open_regular(index, &fd, &file_size, err);

	if (r == -ENOENT) {
		r = werr_set(
			err, WERR_INVALID, "it is not an OCI image layout: it has no index.json");
		werr_hint(err,
			"import takes OCI layouts (a directory or tar) and what docker save or "
			"podman save wrote");
	}
	if (r == 0)
		r = file_read_fd(fd, index, MANIFEST_SIZE_MAX, &text, &size, err);
	return r < 0 ? r : import_index(im, text, size, bring_from_dir, &f, err);
}
