/* SPDX-License-Identifier: Apache-2.0 */
/* Locks between processes that use the same store. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file-lock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "store/dir.h"

enum {
	NAMES_WAIT_MS = 60 * 1000,     /* index.json is rewritten in milliseconds */
	HOLD_WAIT_MS = 10 * 60 * 1000, /* a removal unlinks files, which may be many */
};

static int open_lock(struct store *s, const char *name, int *ret_fd, struct werr **err)
{
	int r = store_open_file(s, name, O_RDWR | O_CREAT, ret_fd, err);

	if (r < 0)
		werr_wrap(err, "can't write to the store");
	return r;
}

/* -ETIMEDOUT has no error text. */
static int wait_lock(struct store *s, int fd, int operation, unsigned limit_ms, struct werr **err)
{
	CLEANUP(free) char *name = str_printf("the store %s", s->dir);

	return file_lock(fd, operation, limit_ms, name, err);
}

static int too_long(struct store *s, unsigned limit_ms, struct werr **err)
{
	int r = werr_set(err, WERR_TIMEOUT,
		"another process has kept the store %s locked for %u seconds", s->dir,
		limit_ms / 1000);

	werr_hint(err, "look for a wherry process that hangs, and end it");
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

/* A file_visit. Files that store_make_temp did not create are left alone. */
static int remove_temp(
	int dir_fd, const char *name, ATTR_UNUSED void *ctx, ATTR_UNUSED struct werr **err)
{
	struct stat st;

	if (!store_is_temp(name))
		return 0;
	if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(st.st_mode))
		return 0;
	if (unlinkat(dir_fd, name, 0) < 0 && errno != ENOENT)
		log_info("can't remove %s from the store's ingest: %s", name, strerror(errno));
	return 0;
}

void store_clear_ingest(struct store *s)
{
	CLEANUP(werr) struct werr *why = NULL;
	CLEANUP(fd) int fd = -1;

	if (store_open_dir(s, "ingest", false, &fd, &why) < 0 ||
		file_visit_fd(fd, remove_temp, NULL, &why) < 0)
		log_debug("what was left in the store's ingest stays: %s", why ? why->message : "");
}

static int take_lock(struct store *s, struct werr **err)
{
	CLEANUP(fd) int fd = -1;
	int r = open_lock(s, "lock", &fd, err);

	/*
	 * If no other process uses the store, the files in ingest/ were left by a killed process.
	 */
	if (r == 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
		store_clear_ingest(s);
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
	if (s->ingest_fd < 0)
		r = store_open_dir(s, "ingest", true, &s->ingest_fd, err);
	if (r == 0 && s->hold_fd < 0)
		r = take_lock(s, err);
	pthread_mutex_unlock(&s->mutex);
	return r;
}

static void give_up_hold(struct store *s)
{
	pthread_mutex_lock(&s->mutex);
	if (s->hold_fd >= 0)
		close(fd_steal(&s->hold_fd));
	store_entries_cleanup(&s->known);
	pthread_mutex_unlock(&s->mutex);
}

/*
 * A readable lock file can be locked, whoever owns it; when there is none, no process removes
 * anything.
 */
static int hold_as_reader(struct store *s, struct werr **err)
{
	CLEANUP(werr) struct werr *why = NULL;
	CLEANUP(fd) int fd = -1;
	int r = 0;

	pthread_mutex_lock(&s->mutex);
	if (s->hold_fd < 0)
		r = store_open_file(s, "lock", O_RDONLY, &fd, &why);
	if (r == 0 && fd >= 0)
		r = wait_lock(s, fd, LOCK_SH, HOLD_WAIT_MS, &why);
	if (r == -ETIMEDOUT)
		r = too_long(s, HOLD_WAIT_MS, &why);
	if (r == 0 && fd >= 0)
		s->hold_fd = fd_steal(&fd);
	pthread_mutex_unlock(&s->mutex);
	if (r == 0 || r == -ENOENT || r == -EACCES)
		return 0;
	werr_pass(err, STEAL(why));
	return r;
}

int store_hold_to_read(struct store *s, struct werr **err)
{
	CLEANUP(werr) struct werr *why = NULL;
	int r = store_hold(s, &why);

	if (r == -EACCES || r == -EROFS || r == -EPERM)
		return hold_as_reader(s, err);
	if (r < 0)
		werr_pass(err, STEAL(why));
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
