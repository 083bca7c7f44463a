/* SPDX-License-Identifier: Apache-2.0 */
/* Removal of the blobs that nothing names. */
#include <dirent.h>
#include <errno.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "store/walk.h"

static int is_there(struct walk *w, const struct descriptor *d, ATTR_UNUSED struct werr **err)
{
	return store_has_blob(w->store, &d->digest) ? 0 : -ENOENT;
}

/* Everything that index.json names, also entries that are not ours and have no name we know. */
static int mark(struct store *s, struct walk *w, struct werr **err)
{
	CLEANUP(manifest) struct manifest *index = NULL;
	int r = store_read_names(s, &index, err);

	for (size_t i = 0; r == 0 && i < index->n; i++)
		r = walk_image(w, &index->items[i], err);
	return r;
}

static int remove_unmarked(struct store *s, const struct digest_set *marked, struct werr **err)
{
	CLEANUP(free) char *dir = store_path(s, "blobs/sha256");
	DIR *d = opendir(dir);
	struct dirent *entry;
	int r = 0;

	if (!d)
		return werr_errno(err, errno, "can't read %s", dir);
	while (r == 0 && (entry = readdir(d))) {
		CLEANUP(free) char *text = str_printf("sha256:%s", entry->d_name);
		struct digest digest;

		if (digest_parse(text, &digest, NULL) < 0 || digest_set_get(marked, &digest) >= 0)
			continue;
		log_detail("remove blob %s", digest.text);
		if (unlinkat(dirfd(d), entry->d_name, 0) < 0 && errno != ENOENT)
			r = werr_errno(err, errno, "can't remove blob %s", digest.text);
	}
	closedir(d);
	return r;
}

/* atomic_file's own leavings, when a process was killed between its two last steps. */
static int remove_old_indexes(struct store *s, struct werr **err)
{
	CLEANUP(fd) int lock = -1;
	DIR *d;
	struct dirent *entry;
	int r = store_lock_names(s, &lock, err);

	if (r < 0)
		return r;
	d = opendir(s->dir);
	if (!d)
		return werr_errno(err, errno, "can't read %s", s->dir);
	while ((entry = readdir(d))) {
		const char *rest = str_after(entry->d_name, "index.json.");

		if (rest && unlinkat(dirfd(d), entry->d_name, 0) < 0)
			log_debug("can't remove %s/%s", s->dir, entry->d_name);
	}
	closedir(d);
	return 0;
}

int store_sweep(struct store *s, struct werr **err)
{
	struct walk w = {.store = s, .visit = is_there, .lenient = true};
	CLEANUP(fd) int lock = -1;
	int r = store_lock_blobs(s, &lock, err);

	if (r == 0 && lock < 0) {
		log_info("another process is writing to the store %s: blobs that are not needed "
			 "any more stay until the next removal",
			s->dir);
		return 0;
	}
	if (r == 0)
		r = mark(s, &w, err);
	if (r == 0)
		r = remove_unmarked(s, &w.seen, err);
	if (r == 0)
		r = store_clear_ingest(s, err);
	if (r == 0)
		r = remove_old_indexes(s, err);
	walk_cleanup(&w);
	return r;
}
