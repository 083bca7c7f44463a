/* SPDX-License-Identifier: Apache-2.0 */
#include "store/import.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"

int import_blob(
	struct import *im, const struct descriptor *d, struct reader *from, struct werr **err)
{
	CLEANUP(free) char *text = NULL;
	size_t size;
	int r;

	if (d->size > MANIFEST_SIZE_MAX)
		return store_copy_blob(im->store, d, from, err);
	r = reader_read_all(from, MANIFEST_SIZE_MAX, &text, &size, err);
	if (r == 0)
		r = store_check_bytes(d, text, size, err);
	if (r < 0)
		return r;
	return (text[0] == '{' ? store_put_later : store_put_as)(
		im->store, text, size, &d->digest, err);
}

static int import_stdin(struct import *im, struct werr **err)
{
	int fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);

	if (fd < 0)
		return werr_errno(err, errno, "can't read it");
	return import_tar(im, fd_reader_new(fd, FD_OWNED, im->path), fd, err);
}

static int import_path(struct import *im, struct werr **err)
{
	CLEANUP(fd) int fd = open(im->path, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return werr_errno(err, errno, "can't open it");
	if (S_ISDIR(st.st_mode))
		return import_dir(im, err);
	if (S_ISREG(st.st_mode))
		im->total = (uint64_t)st.st_size;
	return import_tar(im, fd_reader_new(fd, FD_LENT, im->path), fd, err);
}

static int set_names(struct import *im, struct strv *imported, struct werr **err)
{
	int r;

	if (im->entries.n == 0)
		return werr_set(err, WERR_INVALID, "it lists no image");
	if (im->unnamed) {
		descriptor_copy(im->unnamed, &im->entries.items[0].descriptor);
		return 0;
	}
	r = store_set_names(im->store, im->entries.items, im->entries.n, err);
	for (size_t i = 0; r == 0 && i < im->entries.n; i++)
		if (!strv_has(imported, im->entries.items[i].name))
			strv_add(imported, im->entries.items[i].name);
	return r;
}

static int import_stream(struct import *im, struct werr **err)
{
	return import_tar(im, STEAL(im->from), -1, err);
}

static int run(struct import *im, int (*bring)(struct import *im, struct werr **err),
	struct strv *imported, struct werr **err)
{
	bool held = im->store->hold_fd >= 0;
	int r = store_hold(im->store, err);

	if (r < 0)
		return r;
	progress_report(im->progress, PROGRESS_BEGIN, "import", im->path, 0, 0);
	r = bring(im, err);
	if (r == 0)
		r = import_join(im, err);
	if (r == 0)
		r = set_names(im, imported, err);
	progress_report(im->progress, PROGRESS_END, "import", im->path, im->total, im->total);
	store_entries_cleanup(&im->entries);
	store_entries_cleanup(&im->own);
	store_forget_pending(im->store);
	if (r < 0) {
		werr_wrap(err, "can't import %s", im->path);
		/*
		 * Mention the blobs imported before the failure, unless the caller itself has
		 * unnamed blobs.
		 */
		if (!held && store_sweep(im->store, NULL) < 0)
			log_debug("blobs of the failed import stay until the next removal");
	}
	return r;
}

int store_import(struct store *s, const char *path, const char *name,
	const struct progress *progress, struct strv *imported, struct werr **err)
{
	bool is_stdin = str_eq(path, "-");
	struct import im = {
		.store = s, .path = is_stdin ? "stdin" : path, .name = name, .progress = progress};

	return run(&im, is_stdin ? import_stdin : import_path, imported, err);
}

int store_import_unnamed(struct store *s, const char *path, const struct progress *progress,
	struct descriptor *ret, struct werr **err)
{
	/* A name with which all that have one, or none, are the same image. */
	struct import im = {.store = s,
		.path = path,
		.name = "unnamed:1",
		.unnamed = ret,
		.progress = progress};
	CLEANUP(strv) struct strv none = {0};

	return run(&im, import_path, &none, err);
}

int store_import_stream(struct store *s, struct reader *from, const char *title, const char *name,
	const struct progress *progress, struct strv *imported, struct werr **err)
{
	struct import im = {
		.store = s, .path = title, .name = name, .progress = progress, .from = from};
	int r = run(&im, import_stream, imported, err);

	reader_free(im.from);
	return r;
}
