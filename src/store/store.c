/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "data/json.h"
#include "store/dir.h"

static const char layout_text[] = "{\"imageLayoutVersion\":\"1.0.0\"}";
static const char empty_index[] =
	"{\"schemaVersion\":2,\"mediaType\":\"" MEDIA_OCI_INDEX "\",\"manifests\":[]}";

char *store_path(const struct store *s, const char *name)
{
	return path_join(s->dir, name);
}

static int make_file(struct store *s, const char *name, const char *text, struct werr **err)
{
	CLEANUP(free) char *path = store_path(s, name);
	bool there;
	int r = store_has_file(s, name, &there, err);

	return r < 0 || there ? r : file_write_atomic(path, 0644, text, strlen(text), err);
}

/* A loss of power must not lose the new directories' names, and their contents with them. */
static int sync_dirs(struct store *s, struct werr **err)
{
	CLEANUP(free) char *blobs = store_path(s, "blobs");
	CLEANUP(free) char *sha256 = store_path(s, "blobs/sha256");
	int r = file_sync_dir_of(sha256, err);

	if (r == 0)
		r = file_sync_dir_of(blobs, err);
	return r < 0 ? r : file_sync_dir_of(s->dir, err);
}

/* A file_visit. */
static int refuse_blob(ATTR_UNUSED int dir_fd, const char *name, void *ctx, struct werr **err)
{
	const struct store *s = ctx;
	int r = werr_set(err, WERR_INVALID,
		"it has blobs (%.80s) but no oci-layout: it belongs to another program", name);

	werr_hint(err,
		"name another directory with --cache; if it is an image layout that lost this "
		"file: "
		"echo '%s' > %s/oci-layout",
		layout_text, s->dir);
	return r;
}

/*
 * Create what is missing. Several processes may do so at once: they write the same. Blobs of
 * another program would be garbage here, since no name in this store refers to them.
 */
static int make_layout(struct store *s, struct werr **err)
{
	CLEANUP(fd) int ingest = -1;
	CLEANUP(fd) int lock = -1;
	/* Needs the lock: an index that another process has just written must not be replaced. */
	int r = store_lock_names(s, &lock, err);
	bool there = false;

	if (r == 0)
		r = store_has_file(s, "oci-layout", &there, err);
	if (r < 0 || there)
		return r;
	r = file_visit_fd(s->blobs_fd[DIGEST_SHA256], refuse_blob, s, err);
	if (r == 0)
		r = store_open_dir(s, "ingest", true, &ingest, err);
	if (r == 0)
		r = sync_dirs(s, err);
	if (r == 0)
		r = make_file(s, "index.json", empty_index, err);
	return r < 0 ? r : make_file(s, "oci-layout", layout_text, err);
}

static int check_layout(struct store *s, struct werr **err)
{
	CLEANUP(document) struct document *d = NULL;
	CLEANUP(free) char *path = store_path(s, "oci-layout");
	CLEANUP(free) char *text = NULL;
	const char *version;
	size_t size;
	int r = store_read_file(s, "oci-layout", 4096, &text, &size, err);

	if (r == 0)
		r = json_parse(path, text, size, &d, err);
	if (r < 0)
		return r;
	version = node_get_text(d->root, "imageLayoutVersion");
	if (!version || !str_after(version, "1."))
		return werr_set(err, WERR_UNSUPPORTED, "%s is not an OCI image layout of version 1",
			s->dir);
	return 0;
}

static int open_dirs(struct store *s, struct werr **err)
{
	int r;

	s->dir_fd = open(s->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->dir_fd < 0 && errno == ENOENT) {
		r = file_make_dirs(s->dir, 0777, err);
		if (r < 0)
			return r;
		s->dir_fd = open(s->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	}
	if (s->dir_fd < 0)
		return werr_errno(err, errno, "can't open the directory");
	return store_open_dir(s, "blobs/sha256", true, &s->blobs_fd[DIGEST_SHA256], err);
}

int store_open(struct store **ret, const char *dir, struct werr **err)
{
	CLEANUP(store) struct store *s = mem_new(struct store);
	bool there = false;
	int r;

	s->dir = str_dup(dir);
	s->dir_fd = s->hold_fd = s->ingest_fd = -1;
	for (size_t i = 0; i < DIGEST_KINDS; i++)
		s->blobs_fd[i] = -1;
	pthread_mutex_init(&s->mutex, NULL);
	r = open_dirs(s, err);
	if (r == 0)
		r = store_has_file(s, "oci-layout", &there, err);
	if (r == 0 && !there)
		r = make_layout(s, err);
	if (r == 0)
		r = check_layout(s, err);
	if (r < 0) {
		werr_wrap(err, "can't use %s as an image store", dir);
		return r;
	}
	*ret = STEAL(s);
	return 0;
}

void store_free(struct store *s)
{
	store_forget_pending(s);
	store_entries_cleanup(&s->known);
	fd_cleanup(&s->hold_fd);
	fd_cleanup(&s->ingest_fd);
	for (size_t i = 0; i < DIGEST_KINDS; i++)
		fd_cleanup(&s->blobs_fd[i]);
	fd_cleanup(&s->dir_fd);
	pthread_mutex_destroy(&s->mutex);
	free(s->dir);
	free(s);
}

bool store_is_no_use(int r)
{
	return r == -ENOENT || r == -EBADMSG || r == -EINVAL || r == -EOPNOTSUPP || r == -E2BIG;
}

const char *store_dir(const struct store *s)
{
	return s->dir;
}

const char *store_spool_dir(const struct store *s)
{
	return faccessat(s->dir_fd, ".", W_OK | X_OK, AT_EACCESS) == 0 ? s->dir
								       : file_temp_parent();
}
