/* SPDX-License-Identifier: Apache-2.0 */
/* Files and directories of the builder's machine. */
#ifndef WHERRY_BASE_FILE_H
#define WHERRY_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/atomic-file.h"
#include "base/error.h"

/*
 * Where something of the user's is kept that is neither configuration nor cache: name below
 * "wherry" in XDG_STATE_HOME, or else in ~/.local/state (XDG Base Directory Specification; relative
 * paths are ignored). Nothing is created. *ret is owned by the caller. WERR_NOT_FOUND.
 */
int file_state_path(const char *name, char **ret, struct werr **err);
/*
 * Read the whole file, at most max bytes (else WERR_LIMIT). *ret is NUL-terminated and owned by the
 * caller.
 */
int file_read(const char *path, size_t max, char **ret, size_t *ret_size, struct werr **err);
/* The same for an open file: fd is closed, path is for messages. */
int file_read_fd(
	int fd, const char *path, size_t max, char **ret, size_t *ret_size, struct werr **err);
/*
 * The same for files that another user may have put there: it never waits. WERR_INVALID: a pipe, a
 * socket.
 */
int file_read_at_once(
	const char *path, size_t max, char **ret, size_t *ret_size, struct werr **err);
/*
 * The same into the caller's memory, for small files of the kernel, which one read returns
 * completely. Returns the number of bytes, or -errno; -E2BIG when there may be more than fits with
 * the NUL.
 */
ssize_t file_read_small(const char *path, char *dst, size_t size);
/* Open for reading; close-on-exec. WERR_INVALID when it is a directory. */
int file_open(const char *path, int *ret_fd, struct werr **err);
/* The same for a regular file or a block device; WERR_INVALID for all else, such as a pipe, whose
 * opening would wait for a writer. */
int file_open_seekable(const char *path, int *ret_fd, struct werr **err);
/* For uses where it makes little difference: a file that cannot be accessed counts as missing. */
bool file_exists(const char *path);
/* For uses where it does: whether the file exists, or why that cannot be known. */
int file_look(const char *path, bool *ret_there, struct werr **err);
/* Make a directory and those above it; succeeds when it exists. */
int file_make_dirs(const char *path, mode_t mode, struct werr **err);
/*
 * The place for large, short-lived files: TMPDIR if that is an absolute path, else /var/tmp, as
 * /tmp may be in memory.
 */
const char *file_temp_parent(void);
/* Make a directory parent/prefix-XXXXXX (mode 0700); *ret is its path, owned by the caller. */
int file_temp_dir(const char *parent, const char *prefix, char **ret, struct werr **err);
/* Open an unnamed file in directory dir for reading and writing; it is gone when it is closed. */
int file_open_unnamed(const char *dir, int *ret_fd, struct werr **err);
/*
 * Remove a file, or a directory with all that is in it, however deep it is; links are not followed.
 * Succeeds when it does not exist. The error names the first one that cannot be removed.
 */
int file_remove_all(const char *path, struct werr **err);
/*
 * Call visit for each name in a directory except "." and "..", in no particular order, until one
 * call fails. visit may remove the name. A missing directory counts as empty, or is an error.
 */
enum file_absence { FILE_ABSENT_IS_EMPTY, FILE_ABSENT_IS_ERROR };
typedef int file_visit(int dir_fd, const char *name, void *ctx, struct werr **err);
int file_visit_dir(const char *path, enum file_absence absence, file_visit *visit, void *ctx,
	struct werr **err);
/*
 * The same for an open directory; dir_fd stays open, and its position in the list does not matter.
 */
int file_visit_fd(int dir_fd, file_visit *visit, void *ctx, struct werr **err);
/*
 * Move a new directory to its place. If another process was quicker, its directory stays and `new`
 * is removed.
 */
int file_publish_dir(const char *new, const char *place, struct werr **err);
/* fsync the directory that path is in, so that a rename in it is durable. */
int file_sync_dir_of(const char *path, struct werr **err);

#endif
