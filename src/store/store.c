/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "data/json.h"
#include "store/internal.h"

static const char layout_text[] = "{\"imageLayoutVersion\":\"1.0.0\"}";
static const char empty_index[] =
	"{\"schemaVersion\":2,\"mediaType\":\"" MEDIA_OCI_INDEX "\",\"manifests\":[]}";

char *store_path(const struct store *s, const char *name)
{
	return path_join(s->dir, name);
}

char *store_blob_path(const struct store *s, const struct digest *d)
{
	return str_printf("%s/blobs/sha256/%s", s->dir, digest_hex(d));
}

static int make_file(struct store *s, const char *name, const char *text, struct werr **err)
{
	CLEANUP(free) char *path = store_path(s, name);

	if (file_exists(path))
		return 0;
	return file_write_atomic(path, 0644, text, strlen(text), err);
}

/* The new folders' names must not be lost when the power is, and with them what is in them. */
static int sync_folders(struct store *s, struct werr **err)
{
	CLEANUP(free) char *blobs = store_path(s, "blobs");
	CLEANUP(free) char *sha256 = store_path(s, "blobs/sha256");
	int r = file_sync_dir_of(sha256, err);

	if (r == 0)
		r = file_sync_dir_of(blobs, err);
	return r < 0 ? r : file_sync_dir_of(s->dir, err);
}

/* Make what is missing. Several processes may do so at once: what they write is the same. */
static int make_layout(struct store *s, struct werr **err)
{
	static const char *const folders[] = {"blobs/sha256", "ingest"};
	int fd, r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(folders); i++) {
		CLEANUP(free) char *path = store_path(s, folders[i]);

		r = file_make_dirs(path, 0777, err);
	}
	/* Under the lock, because an index that another process has just written must not be replaced. */
	if (r == 0)
		r = store_lock_names(s, &fd, err);
	if (r < 0)
		return r;
	r = sync_folders(s, err);
	if (r == 0)
		r = make_file(s, "index.json", empty_index, err);
	if (r == 0)
		r = make_file(s, "oci-layout", layout_text, err);
	close(fd);
	return r;
}

static int check_layout(struct store *s, const char *path, struct werr **err)
{
	CLEANUP(document) struct document *d = NULL;
	CLEANUP(free) char *text = NULL;
	const char *version;
	size_t size;
	int r = file_read(path, 4096, &text, &size, err);

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

int store_open(struct store **ret, const char *dir, struct werr **err)
{
	CLEANUP(store) struct store *s = mem_new(struct store);
	CLEANUP(free) char *layout = NULL;
	int r = 0;

	s->dir = str_dup(dir);
	s->hold_fd = -1;
	pthread_mutex_init(&s->mutex, NULL);
	layout = store_path(s, "oci-layout");
	if (!file_exists(layout))
		r = make_layout(s, err);
	if (r == 0)
		r = check_layout(s, layout, err);
	if (r < 0) {
		werr_wrap(err, "can't use %s as image store", dir);
		return r;
	}
	*ret = STEAL(s);
	return 0;
}

void store_free(struct store *s)
{
	if (s->hold_fd >= 0)
		close(s->hold_fd);
	pthread_mutex_destroy(&s->mutex);
	free(s->dir);
	free(s);
}

const char *store_dir(const struct store *s)
{
	return s->dir;
}
