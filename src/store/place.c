/* SPDX-License-Identifier: Apache-2.0 */
/* Blobs as files of other directories. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"
#include "store/internal.h"

/* *ret_done: false where there can be no second name: another file system, another user's file. */
static int link_blob(struct store *s, const struct descriptor *d, const char *path, bool *ret_done,
	struct werr **err)
{
	int fd = -1, r = store_check_blob(s, d, err);

	if (r == 0)
		r = store_blobs_fd(s, &d->digest, false, &fd, err);
	if (r < 0)
		return r;
	if (unlink(path) < 0 && errno != ENOENT)
		return werr_errno(err, errno, "can't replace %s", path);
	*ret_done = linkat(fd, digest_hex(&d->digest), AT_FDCWD, path, 0) == 0;
	return 0;
}

static int copy_blob(
	struct store *s, const struct descriptor *d, const char *path, struct werr **err)
{
	CLEANUP(atomic_file) struct atomic_file *file = NULL;
	CLEANUP(reader) struct reader *from = NULL;
	CLEANUP(writer) struct writer *to = NULL;
	int r = store_open_blob(s, d, &from, err);

	if (r == 0)
		r = atomic_file_open(&file, path, 0600, err);
	if (r < 0)
		return r;
	to = fd_writer_new(file->fd, FD_LENT, path);
	r = io_copy_sparse(from, to, err);
	if (r == 0)
		r = writer_finish(to, err);
	return r < 0 ? r : atomic_file_commit_new(file, err);
}

int store_place_blob(struct store *s, const struct descriptor *d, enum store_place how,
	const char *path, struct werr **err)
{
	bool done = false;
	int r = how == STORE_PLACE_TO_READ ? link_blob(s, d, path, &done, err) : 0;

	return r < 0 || done ? r : copy_blob(s, d, path, err);
}
