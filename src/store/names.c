/* SPDX-License-Identifier: Apache-2.0 */
/* index.json: the store's names and the images they refer to. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "store/dir.h"

static const char index_file[] = "index.json";

int store_read_names(struct store *s, struct manifest **ret, struct werr **err)
{
	CLEANUP(free) char *path = store_path(s, index_file);
	CLEANUP(free) char *text = NULL;
	size_t size;
	int r = store_read_file(s, index_file, MANIFEST_SIZE_MAX, &text, &size, err);

	if (r == 0)
		r = manifest_parse(path, text, size, MEDIA_OCI_INDEX, ret, err);
	if (r < 0 && r != -ENOENT)
		werr_hint(err, "remove all that is in the store with: wherry cache clean");
	if (r < 0)
		return r;
	if (!(*ret)->is_index) {
		manifest_free(STEAL(*ret));
		return werr_set(err, WERR_INVALID, "%s is not an index", path);
	}
	return 0;
}

/* True when the text is more than a tag. */
static bool is_name(const char *text)
{
	return text && strpbrk(text, "/:@");
}

const char *store_entry_text(const struct descriptor *d)
{
	const char *text = descriptor_annotation(d, ANNOTATION_REF_NAME);

	if (!is_name(text))
		text = descriptor_annotation(d, ANNOTATION_CONTAINERD);
	return is_name(text) ? text : NULL;
}

char *store_entry_name(const struct descriptor *d)
{
	CLEANUP(reference) struct reference r = {0};
	const char *text = store_entry_text(d);

	return text && reference_parse(text, &r, NULL) == 0 ? STEAL(r.name) : NULL;
}

void store_entries_add(struct store_entries *e, const char *name, const struct descriptor *d)
{
	e->items = mem_resize(e->items, e->n + 1, sizeof(*e->items));
	e->items[e->n].name = str_dup(name);
	descriptor_copy(&e->items[e->n].descriptor, d);
	e->n++;
}

/* Needs the mutex. */
static struct store_entry *find_known(struct store *s, const char *name)
{
	for (size_t i = 0; i < s->known.n; i++)
		if (str_eq(s->known.items[i].name, name))
			return &s->known.items[i];
	return NULL;
}

void store_remember_name(struct store *s, const char *name, const struct descriptor *d)
{
	struct store_entry *e;

	pthread_mutex_lock(&s->mutex);
	e = s->hold_fd >= 0 ? find_known(s, name) : NULL;
	if (e) {
		descriptor_cleanup(&e->descriptor);
		descriptor_copy(&e->descriptor, d);
	} else if (s->hold_fd >= 0) {
		store_entries_add(&s->known, name, d);
	}
	pthread_mutex_unlock(&s->mutex);
}

bool store_recall_name(struct store *s, const char *name, struct descriptor *ret)
{
	const struct store_entry *e;

	pthread_mutex_lock(&s->mutex);
	e = find_known(s, name);
	if (e)
		descriptor_copy(ret, &e->descriptor);
	pthread_mutex_unlock(&s->mutex);
	return e;
}

void store_entries_cleanup(struct store_entries *e)
{
	for (size_t i = 0; i < e->n; i++) {
		free(e->items[i].name);
		descriptor_cleanup(&e->items[i].descriptor);
	}
	free(e->items);
	*e = (struct store_entries){0};
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct store_entry *)a)->name, ((const struct store_entry *)b)->name);
}

int store_list(struct store *s, struct store_entries *ret, struct werr **err)
{
	CLEANUP(manifest) struct manifest *index = NULL;
	struct store_entries e = {0};
	int r = store_read_names(s, &index, err);

	if (r < 0)
		return r;
	for (size_t i = 0; i < index->n; i++) {
		CLEANUP(free) char *name = store_entry_name(&index->items[i]);

		if (name)
			store_entries_add(&e, name, &index->items[i]);
	}
	if (e.n > 0)
		qsort(e.items, e.n, sizeof(*e.items), by_name);
	*ret = e;
	return 0;
}

static const char *sort_key(const struct descriptor *d)
{
	const char *name = descriptor_annotation(d, ANNOTATION_REF_NAME);

	return name ? name : "";
}

static int by_entry(const void *a, const void *b)
{
	int order = strcmp(sort_key(a), sort_key(b));

	if (order)
		return order;
	return strcmp(((const struct descriptor *)a)->digest.text,
		((const struct descriptor *)b)->digest.text);
}

/* Don't follow a symbolic link or open a fifo, even if it was not read before. */
static int check_index_file(struct store *s, struct werr **err)
{
	CLEANUP(werr) struct werr *why = NULL;
	CLEANUP(fd) int fd = -1;
	int r = store_open_file(s, index_file, O_RDONLY, &fd, &why);

	if (r == 0 || r == -ENOENT)
		return 0;
	werr_pass(err, STEAL(why));
	return r;
}

/*
 * The directory of the blobs is synced first: after a crash, everything that index.json names must
 * exist.
 */
static int write_names(struct store *s, struct manifest *index, struct werr **err)
{
	CLEANUP(free) char *path = store_path(s, index_file);
	CLEANUP(free) char *text = NULL;
	size_t size;
	int r;

	if (index->n_left_out > 0) {
		r = werr_set(err, WERR_UNSUPPORTED,
			"%s has entries that are not understood and would be lost", path);
		werr_hint(err, "use another store with --cache");
		return r;
	}
	r = check_index_file(s, err);
	if (r < 0)
		return r;
	if (index->n > 0)
		qsort(index->items, index->n, sizeof(*index->items), by_entry);
	text = manifest_write(index, &size);
	if (size > MANIFEST_SIZE_MAX || index->n > INDEX_MANIFESTS_MAX) {
		r = werr_set(err, WERR_LIMIT, "the store %s has too many images", s->dir);
		werr_hint(err, "remove what is not needed with: wherry cache rm IMAGE");
		return r;
	}
	r = store_sync_blobs(s, err);
	if (r == 0)
		r = file_write_atomic(path, 0644, text, size, err);
	if (r < 0)
		werr_wrap(err, "can't change the names in the store");
	return r;
}

static void drop_entry(struct manifest *index, size_t i)
{
	descriptor_cleanup(&index->items[i]);
	index->n--;
	memmove(&index->items[i], &index->items[i + 1], (index->n - i) * sizeof(*index->items));
}

static void drop_name(struct manifest *index, const char *name)
{
	for (size_t i = index->n; i-- > 0;) {
		CLEANUP(free) char *has = store_entry_name(&index->items[i]);

		if (has && str_eq(has, name))
			drop_entry(index, i);
	}
}

static void add_name(struct manifest *index, const char *name, const struct descriptor *d)
{
	struct descriptor *entry;

	drop_name(index, name);
	index->items = mem_resize(index->items, index->n + 1, sizeof(*index->items));
	entry = &index->items[index->n++];
	*entry = (struct descriptor){.media_type = str_dup(d->media_type),
		.digest = d->digest,
		.size = d->size,
		.has_platform = d->has_platform,
		.platform = d->platform};
	descriptor_annotate(entry, ANNOTATION_REF_NAME, name);
}

int store_set_names(struct store *s, const struct store_entry *items, size_t n, struct werr **err)
{
	CLEANUP(manifest) struct manifest *index = NULL;
	CLEANUP(fd) int lock = -1;
	int r = store_hold(s, err);

	for (size_t i = 0; r == 0 && i < n; i++)
		r = store_stat_blob(s, &items[i].descriptor, err);
	if (r == 0)
		r = store_lock_names(s, &lock, err);
	if (r == 0)
		r = store_read_names(s, &index, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < n; i++)
		add_name(index, items[i].name, &items[i].descriptor);
	r = write_names(s, index, err);
	for (size_t i = 0; r == 0 && i < n; i++)
		store_remember_name(s, items[i].name, &items[i].descriptor);
	return r;
}

int store_set_name(struct store *s, const char *name, const struct descriptor *d, struct werr **err)
{
	CLEANUP(reference) struct reference ref = {0};
	int r = reference_parse(name, &ref, err);

	if (r < 0)
		return r;
	if (!media_type_is_index(d->media_type) && !media_type_is_manifest(d->media_type))
		return werr_set(err, WERR_INVALID, "%s: '%s' is not the type of an image", name,
			d->media_type);
	return store_set_names(
		s, &(struct store_entry){.name = ref.name, .descriptor = *d}, 1, err);
}

int store_replace_name(struct store *s, const char *name, const struct digest *was,
	const struct descriptor *d, bool *ret_done, struct werr **err)
{
	CLEANUP(reference) struct reference ref = {0};
	CLEANUP(manifest) struct manifest *index = NULL;
	const struct descriptor *entry = NULL;
	CLEANUP(fd) int lock = -1;
	int r = reference_parse(name, &ref, err);

	if (r == 0)
		r = store_hold(s, err);
	if (r == 0)
		r = store_stat_blob(s, d, err);
	if (r == 0)
		r = store_lock_names(s, &lock, err);
	if (r == 0)
		r = store_read_names(s, &index, err);
	if (r < 0)
		return r;
	if (store_find_name(index, &ref, &entry, NULL) < 0)
		entry = NULL;
	*ret_done = entry ? was && digest_eq(&entry->digest, was) : !was;
	if (!*ret_done)
		return 0;
	add_name(index, ref.name, d);
	r = write_names(s, index, err);
	if (r == 0)
		store_remember_name(s, ref.name, d);
	return r;
}

int store_remove(struct store *s, const struct reference *ref, struct werr **err)
{
	CLEANUP(manifest) struct manifest *index = NULL;
	const struct descriptor *entry;
	CLEANUP(fd) int lock = -1;
	int r = store_lock_names(s, &lock, err);

	if (r == 0)
		r = store_read_names(s, &index, err);
	if (r == 0)
		r = store_find_name(index, ref, &entry, err);
	if (r < 0)
		return r;
	drop_entry(index, (size_t)(entry - index->items));
	r = write_names(s, index, err);
	fd_cleanup(&lock);
	lock = -1;
	if (r < 0)
		return r;
	r = store_sweep(s, err);
	if (r < 0 && r != -ECANCELED)
		werr_wrap(err, "the name %s is removed", ref->text);
	return r;
}

int store_drop_names(struct store *s, struct werr **err)
{
	struct manifest none = {.is_index = true, .media_type = (char[]){MEDIA_OCI_INDEX}};
	CLEANUP(fd) int lock = -1;
	int r = store_lock_names(s, &lock, err);

	return r < 0 ? r : write_names(s, &none, err);
}
