/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An export into a directory, which is written next to its final place and then renamed. Unlike a
 * file, a directory can't be unnamed, so a killed process leaves it. Its writer holds a lock on it:
 * the next export to the same place removes a directory that is not locked.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "store/export.h"

static const char temp_prefix[] = ".wherry-export-";
enum { TEMP_LETTERS = 6, TEMP_TRIES = 100 };

/* Files below an existing directory. */
struct export_dir {
	struct export_sink sink;
	const char *dir;
};

static int dir_add(struct export_sink *sink, const char *path, ATTR_UNUSED uint64_t size,
	struct reader *content, struct werr **err)
{
	const struct export_dir *f = CONTAINER_OF(sink, struct export_dir, sink);
	CLEANUP(free) char *whole = path_join(f->dir, path);
	CLEANUP(free) char *dir = path_dir(whole);
	CLEANUP(atomic_file) struct atomic_file *file = NULL;
	CLEANUP(writer) struct writer *to = NULL;
	int r = file_make_dirs(dir, 0777, err);

	if (r == 0)
		r = atomic_file_open(&file, whole, 0644, err);
	if (r < 0)
		return r;
	to = fd_writer_new(file->fd, FD_LENT, whole);
	r = io_copy(content, to, NULL, err);
	return r < 0 ? r : atomic_file_commit(file, err);
}

/*
 * A file_visit; ctx is the directory's path. A directory that can't be removed stays: it does no
 * harm.
 */
static int remove_abandoned(int dir_fd, const char *name, void *ctx, ATTR_UNUSED struct werr **err)
{
	const char *rest = str_after(name, temp_prefix);
	CLEANUP(free) char *path = path_join(ctx, name);
	CLEANUP(werr) struct werr *why = NULL;
	CLEANUP(fd) int fd = -1;
	struct stat st;

	if (!rest || strlen(rest) != TEMP_LETTERS)
		return 0;
	fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0 || st.st_uid != geteuid() ||
		flock(fd, LOCK_EX | LOCK_NB) < 0)
		return 0;
	if (file_remove_all(path, &why) < 0)
		log_info("can't remove %s, which an earlier export left: %s", path, why->message);
	else
		log_detail("removed %s, which an earlier export left", path);
	return 0;
}

/* Check whether the directory of fd was removed by a process that found it before it was locked. */
static bool is_gone(int fd, const char *path)
{
	struct stat st, has;

	return fstat(fd, &st) < 0 || lstat(path, &has) < 0 || st.st_ino != has.st_ino ||
	       st.st_dev != has.st_dev;
}

static int make_locked(const char *parent, char **ret, int *ret_fd, struct werr **err)
{
	for (unsigned i = 0; i < TEMP_TRIES; i++) {
		CLEANUP(free) char *path = NULL;
		CLEANUP(fd) int fd = -1;
		int r = file_temp_dir(parent, ".wherry-export", &path, err);

		if (r < 0)
			return r;
		fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (fd < 0 && errno != ENOENT) {
			r = werr_errno(err, errno, "can't open %s", path);
			(void)rmdir(path);
			return r;
		}
		/* Where the file system can't lock, no process takes it for abandoned. */
		if (fd < 0 || (flock(fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK) ||
			is_gone(fd, path))
			continue;
		*ret = STEAL(path);
		*ret_fd = fd_steal(&fd);
		return 0;
	}
	return werr_set(err, WERR_FAILED, "can't make a directory in %s", parent);
}

int store_export_dir(struct store *s, const struct reference *refs, size_t n,
	const struct export_options *o, const char *dir, struct werr **err)
{
	CLEANUP(free) char *parent = path_dir(dir);
	CLEANUP(free) char *temp = NULL;
	CLEANUP(fd) int lock = -1;
	struct export_dir out = {.sink = {dir_add}};
	int r;

	if (file_visit_dir(parent, FILE_ABSENT_IS_EMPTY, remove_abandoned, parent, NULL) < 0)
		log_debug("can't look for what other exports left in %s", parent);
	r = make_locked(parent, &temp, &lock, err);
	if (r < 0)
		return r;
	out.dir = temp;
	r = export_to(s, refs, n, o, &out.sink, err);
	if (r == 0 && (chmod(temp, 0755) < 0 || rename(temp, dir) < 0)) {
		r = werr_errno(err, errno, "can't write the directory %s", dir);
		if (r == -ENOTEMPTY || r == -EEXIST || r == -ENOTDIR)
			werr_hint(err, "name one that does not exist yet");
	}
	if (r < 0 && file_remove_all(temp, NULL) < 0)
		log_info("can't remove %s, which is incomplete", temp);
	return r;
}
