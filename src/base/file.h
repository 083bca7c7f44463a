/* SPDX-License-Identifier: Apache-2.0 */
/* Files and folders of the builder's machine. */
#ifndef WHERRY_BASE_FILE_H
#define WHERRY_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/atomic-file.h"
#include "base/error.h"

/* The whole file, at most max bytes (WERR_LIMIT above), with a NUL behind it; owned by the caller.
 */
int file_read(const char *path, size_t max, char **ret, size_t *ret_size, struct werr **err);
/* The same of one that is open: fd is closed, path is for messages. */
int file_read_fd(
	int fd, const char *path, size_t max, char **ret, size_t *ret_size, struct werr **err);
/*
 * The same for files that somebody else may have put there: it never waits. WERR_INVALID: a pipe, a
 * socket.
 */
int file_read_at_once(
	const char *path, size_t max, char **ret, size_t *ret_size, struct werr **err);
/*
 * The same into the caller's memory, for the kernel's small files, which one read gives whole. How
 * many bytes, or -errno; -E2BIG when there may be more than fits with the NUL.
 */
ssize_t file_read_small(const char *path, char *dst, size_t size);
/* Open for reading; close-on-exec. WERR_INVALID when it is a folder. */
int file_open(const char *path, int *ret_fd, struct werr **err);
/* Where it makes no great difference: what can't be looked at counts as missing. */
bool file_exists(const char *path);
/* Where it does: whether it is there, or the error that keeps us from knowing. */
int file_look(const char *path, bool *ret_there, struct werr **err);
/* Make a folder and those above it; fine when it is there. */
int file_make_dirs(const char *path, mode_t mode, struct werr **err);
/*
 * Where large files of a short life go: TMPDIR, if that is an absolute path, or /var/tmp; /tmp may
 * be memory.
 */
const char *file_temp_parent(void);
/* A new folder parent/prefix-XXXXXX (mode 0700); *ret is its path, owned by the caller. */
int file_temp_dir(const char *parent, const char *prefix, char **ret, struct werr **err);
/* A file without a name, for reading and writing, in folder dir; gone when it is closed. */
int file_open_unnamed(const char *dir, int *ret_fd, struct werr **err);
/*
 * Remove a file, or a directory with all that is in it, however deep it is; links are not followed.
 * Fine when it is not there. The first name that can't be removed is the error.
 */
int file_remove_all(const char *path, struct werr **err);
/*
 * Call visit for each name in a folder but "." and "..", in no order, until one fails. It may
 * remove the name. A folder that isn't there is empty, or an error.
 */
enum file_absence { FILE_ABSENT_IS_EMPTY, FILE_ABSENT_IS_ERROR };
typedef int file_visit(int dir_fd, const char *name, void *ctx, struct werr **err);
int file_visit_dir(const char *path, enum file_absence absence, file_visit *visit, void *ctx,
	struct werr **err);
/*
 * The same for a directory that is open; dir_fd stays open, and where it stands in the list does
 * not matter.
 */
int file_visit_fd(int dir_fd, file_visit *visit, void *ctx, struct werr **err);
/*
 * Give a new directory its place. Where another process was quicker, its directory stays and `new`
 * is removed.
 */
int file_publish_dir(const char *new, const char *place, struct werr **err);
/* fsync the folder that path is in, so that a rename in it stays. */
int file_sync_dir_of(const char *path, struct werr **err);

#endif
