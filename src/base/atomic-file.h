/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files that appear under their names only when they are complete: written without a name (or
 * beside their place, where the file system does not support that), synced, renamed.
 *
 *     CLEANUP(atomic_file) struct atomic_file *f = NULL;
 *     atomic_file_open(&f, path, 0644, err) ... write to f->fd ... atomic_file_commit(f, err)
 */
#ifndef WHERRY_BASE_ATOMIC_FILE_H
#define WHERRY_BASE_ATOMIC_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"

struct atomic_file {
	int fd;
	char *path; /* where it will be */
	char *temp; /* its name until then, or NULL while it has none */
	char *old;  /* what was there before, while it may have to come back; or NULL */
	mode_t mode;
	bool direct; /* not a regular file: what is written has an effect at once */
};

/*
 * The mode does not depend on the umask. Whatever has the name is replaced, even a link: for the
 * program's own files. A directory, or a name that is too long, fails at once.
 */
int atomic_file_open(struct atomic_file **ret, const char *path, mode_t mode, struct werr **err);
/*
 * The same for a path that the user has named: links are followed, and a device, a pipe or
 * /dev/fd/N stays and is written into. This waits for the reader of a named pipe.
 */
int atomic_file_open_named(
	struct atomic_file **ret, const char *path, mode_t mode, struct werr **err);
/*
 * The same for a path whose directory may be missing, and must be there when it is committed: until
 * then the bytes are in the nearest directory above it.
 */
int atomic_file_open_ahead(
	struct atomic_file **ret, const char *path, mode_t mode, struct werr **err);
int atomic_file_commit(struct atomic_file *f, struct werr **err);
/*
 * A commit that replaces nothing: a file that has got the name meanwhile stays, as another process
 * may already use it, and this one is dropped.
 */
int atomic_file_commit_new(struct atomic_file *f, struct werr **err);
/*
 * Commit several files, all or none: they are made durable first, then renamed; when a rename
 * fails, what the others have replaced is put back.
 */
int atomic_file_commit_all(struct atomic_file *const *files, size_t n, struct werr **err);
/* What takes long of that, in advance: make the bytes durable. */
int atomic_file_sync_all(struct atomic_file *const *files, size_t n, struct werr **err);
/*
 * A commit without syncing: after a power failure the bytes may be wrong. For files that are
 * checked when they are used.
 */
int atomic_file_place(struct atomic_file *f, struct werr **err);
/* Without a commit, nothing is left behind. */
void atomic_file_free(struct atomic_file *f);
DEFINE_CLEANUP(struct atomic_file *, atomic_file_free, atomic_file)

/* Open, write and commit in one call. */
int file_write_atomic(const char *path, mode_t mode, const void *p, size_t size, struct werr **err);
int file_write_named(const char *path, mode_t mode, const void *p, size_t size, struct werr **err);

/*
 * Whether a process that was killed has left the file of this name half written: .wherry-PID-N (as
 * here) or .wherry-XXXXXX (file_open_unnamed), or, from earlier versions, FILE.PID-N (file is NULL:
 * none).
 */
bool file_is_leftover(const char *name, const char *file);

/*
 * Whether the name means what is open as standard output: "/dev/stdout", "/dev/fd/1", a link to one
 * of them.
 */
bool file_is_stdout(const char *path);

#endif
