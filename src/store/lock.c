/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "base/cancel.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "store/internal.h"

enum {
	POLL_MS = 5,
	NAMES_WAIT_MS = 60 * 1000,     /* index.json is rewritten in milliseconds */
	HOLD_WAIT_MS = 10 * 60 * 1000, /* a removal unlinks files, which may be many */
};

static int open_lock(struct store *s, const char *name, int *ret_fd, struct werr **err)
{
	CLEANUP(free) char *path = store_path(s, name);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);

	if (fd < 0)
		return werr_errno(err, errno, "can't write to the store %s", s->dir);
	*ret_fd = fd;
	return 0;
}

/* flock with a time limit, which Ctrl-C interrupts. -ETIMEDOUT has no error text. */
static int wait_lock(struct store *s, int fd, int operation, unsigned limit_ms, struct werr **err)
{
	for (unsigned waited = 0;; waited += POLL_MS) {
		int r = cancel_check(err);

		if (r < 0)
			return r;
		if (flock(fd, operation | LOCK_NB) == 0)
			return 0;
		if (errno != EWOULDBLOCK && errno != EINTR)
			return werr_errno(err, errno, "can't lock the store %s", s->dir);
		if (waited >= limit_ms)
			return -ETIMEDOUT;
		nanosleep(&(struct timespec){.tv_nsec = POLL_MS * 1000000L}, NULL);
	}
}

static int too_long(struct store *s, unsigned limit_ms, struct werr **err)
{
	int r = werr_set(err, WERR_TIMEOUT,
		"another process has kept the store %s locked for %u seconds", s->dir,
		limit_ms / 1000);

	werr_hint(err, "look for a wherry that hangs, and end it");
	return r;
}

int store_lock_names(struct store *s, int *ret_fd, struct werr **err)
{
	CLEANUP(fd) int fd = -1;
	int r = open_lock(s, "index.lock", &fd, err);

	if (r == 0)
		r = wait_lock(s, fd, LOCK_EX, NAMES_WAIT_MS, err);
	if (r == -ETIMEDOUT)
		return too_long(s, NAMES_WAIT_MS, err);
	if (r == 0)
		*ret_fd = fd_steal(&fd);
	return r;
}

/* A file_visit; ctx is the folder's path. */
static int remove_all(ATTR_UNUSED int dir_fd, const char *name, void *ctx, struct werr **err)
{
	CLEANUP(free) char *path = path_join(ctx, name);

	return file_remove_all(path, err);
}

int store_clear_ingest(struct store *s, struct werr **err)
{
	CLEANUP(free) char *dir = store_path(s, "ingest");

	return file_visit_dir(dir, FILE_ABSENT_IS_EMPTY, remove_all, dir, err);
}

static int take_hold(struct store *s, struct werr **err)
{
	CLEANUP(free) char *ingest = store_path(s, "ingest");
	CLEANUP(fd) int fd = -1;
	int r = file_make_dirs(ingest, 0777, err);

	if (r == 0)
		r = open_lock(s, "lock", &fd, err);
	/* Alone here? Then what is in ingest/ was left by a process that was killed. */
	if (r == 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
		r = store_clear_ingest(s, err);
	if (r == 0)
		r = wait_lock(s, fd, LOCK_SH, HOLD_WAIT_MS, err);
	if (r == -ETIMEDOUT)
		return too_long(s, HOLD_WAIT_MS, err);
	if (r == 0)
		s->hold_fd = fd_steal(&fd);
	return r;
}

int store_hold(struct store *s, struct werr **err)
{
	int r = 0;

	pthread_mutex_lock(&s->mutex);
	if (s->hold_fd < 0)
		r = take_hold(s, err);
	pthread_mutex_unlock(&s->mutex);
	return r;
}

static void give_up_hold(struct store *s)
{
	pthread_mutex_lock(&s->mutex);
	if (s->hold_fd >= 0)
		close(fd_steal(&s->hold_fd));
	pthread_mutex_unlock(&s->mutex);
}

int store_hold_to_read(struct store *s, struct werr **err)
{
	CLEANUP(werr) struct werr *why = NULL;
	int r = store_hold(s, &why);

	if (r == -EACCES || r == -EROFS || r == -EPERM)
		return 0;
	if (r < 0 && err)
		*err = STEAL(why);
	return r;
}

int store_lock_blobs(struct store *s, unsigned wait_ms, int *ret_fd, struct werr **err)
{
	CLEANUP(fd) int fd = -1;
	int r = open_lock(s, "lock", &fd, err);

	give_up_hold(s);
	if (r == 0)
		r = wait_lock(s, fd, LOCK_EX, wait_ms, err);
	if (r == 0 || r == -ETIMEDOUT) {
		*ret_fd = r == 0 ? fd_steal(&fd) : -1;
		r = 0;
	}
	return r;
}
