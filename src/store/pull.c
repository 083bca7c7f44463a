/* SPDX-License-Identifier: Apache-2.0 */
#include "store/pull.h"

#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/pool.h"
#include "base/str.h"

/* Connections at a time. More would not be faster, and registries limit clients. */
enum { IMAGES_AT_ONCE = 6, BLOBS_AT_ONCE = 6 };

/* A blob to be fetched, and the first image that needs it. */
struct wanted {
	const struct descriptor *d;
	size_t image;
};

struct pull {
	struct store *store;
	struct net *net;
	const struct pull_options *options;
	struct pull_image *images;
	size_t n;
	struct wanted *wanted;
	size_t n_wanted, cap;
	pthread_mutex_t lock; /* protects the images' results */
	char *title;          /* of all blobs, for the progress display */
	uint64_t total;
	_Atomic uint64_t done;
};

static void image_failed(struct pull *p, size_t i, int r, struct werr *why)
{
	struct pull_image *image = &p->images[i];

	pthread_mutex_lock(&p->lock);
	if (image->result == 0) {
		image->result = r;
		image->err = why;
	} else {
		werr_free(why);
	}
	pthread_mutex_unlock(&p->lock);
}

/* A failure concerns one image; only Ctrl-C ends all of them. */
static int resolve_job(void *ctx, size_t i, struct werr **err)
{
	struct pull *p = ctx;
	struct werr *why = NULL;
	int r = pull_resolve(&p->images[i], p->net, &why);

	if (r == -ECANCELED) {
		werr_pass(err, why);
		return r;
	}
	if (r < 0)
		image_failed(p, i, r, why);
	return 0;
}

static int list_wanted(struct pull *p, struct werr **err)
{
	struct blob_set seen = {0};
	int r = 0;

	for (size_t i = 0; i < p->n; i++) {
		struct pull_image *image = &p->images[i];

		for (size_t b = 0; r == 0 && image->result == 0 && b < image->n; b++) {
			const struct descriptor *d = &image->blobs[b];

			if (blob_set_get(&seen, &d->digest) >= 0 || pull_has_blob(image, d))
				continue;
			r = blob_set_put(&seen, &d->digest, 0, err);
			mem_grow(&p->wanted, p->n_wanted, &p->cap, sizeof(*p->wanted));
			p->wanted[p->n_wanted++] = (struct wanted){d, i};
			p->total += d->size;
		}
	}
	blob_set_cleanup(&seen);
	return r;
}

/* Largest first, to keep every connection busy until the end. */
static int by_size(const void *a, const void *b)
{
	uint64_t x = ((const struct wanted *)a)->d->size, y = ((const struct wanted *)b)->d->size;

	return x > y ? -1 : x < y;
}

struct blob_progress {
	struct pull *pull;
	const char *name;
	uint64_t done, total;
};

static void moved(void *ctx, uint64_t bytes)
{
	struct blob_progress *b = ctx;
	struct pull *p = b->pull;

	/* The progress does not go back when a blob is fetched again from another remote. */
	if (bytes <= b->done)
		return;
	atomic_fetch_add(&p->done, bytes - b->done);
	b->done = bytes;
	progress_report(p->options->progress, PROGRESS_ADVANCE, "blob", b->name, bytes, b->total);
	progress_report(p->options->progress, PROGRESS_ADVANCE, "pull", p->title,
		atomic_load(&p->done), p->total);
}

/* Return the image's descriptor of the blob, or NULL when it does not need it. */
static const struct descriptor *blob_of(const struct pull_image *image, const struct digest *digest)
{
	if (image->result < 0 || blob_set_get(&image->seen, digest) < 0)
		return NULL;
	for (size_t b = 0; b < image->n; b++)
		if (digest_eq(&image->blobs[b].digest, digest))
			return &image->blobs[b];
	return NULL;
}

/*
 * Fetch for the first image that needs the blob and can get it; each image asks its own registry,
 * and fails by itself.
 */
static int pull_for_any(
	struct pull *p, const struct wanted *w, struct blob_progress *progress, struct werr **err)
{
	const struct digest digest = w->d->digest;

	for (size_t i = w->image; i < p->n; i++) {
		struct werr *why = NULL;
		const struct descriptor *d;
		int r;

		pthread_mutex_lock(&p->lock);
		d = blob_of(&p->images[i], &digest);
		pthread_mutex_unlock(&p->lock);
		if (!d)
			continue;
		r = pull_blob(&p->images[i], d, moved, progress, &why);
		if (r == 0)
			return 0;
		if (pull_is_final(r)) {
			werr_pass(err, why);
			return r;
		}
		image_failed(p, i, r, why);
	}
	return 0;
}

static int blob_job(void *ctx, size_t i, struct werr **err)
{
	struct pull *p = ctx;
	const struct wanted *w = &p->wanted[i];
	CLEANUP(free) char *name = str_dup_n(digest_hex(&w->d->digest), 12);
	struct blob_progress progress = {p, name, 0, w->d->size};
	int r;

	progress_begin_part(
		p->options->progress, "blob", name, w->d->size, p->images[w->image].ref->text);
	r = pull_for_any(p, w, &progress, err);
	progress_report(p->options->progress, PROGRESS_END, "blob", name, r < 0 ? 0 : w->d->size,
		w->d->size);
	return r;
}

static int fetch(struct pull *p, struct werr **err)
{
	int r;

	if (p->n_wanted == 0)
		return 0;
	qsort(p->wanted, p->n_wanted, sizeof(*p->wanted), by_size);
	progress_report(p->options->progress, PROGRESS_BEGIN, "pull", p->title, 0, p->total);
	r = pool_run(BLOBS_AT_ONCE, p->n_wanted, blob_job, p, err);
	progress_report(p->options->progress, PROGRESS_END, "pull", p->title, p->done, p->total);
	return r;
}

/* All blobs are present: write the manifests that name them, the outermost last. */
static int write_manifests(struct pull_image *image, struct werr **err)
{
	int r = 0;

	for (size_t i = image->n_manifests; r == 0 && i-- > 0;)
		r = store_write_pending(image->store, &image->manifests[i], err);
	return r;
}

static int name_images(struct pull *p, struct werr **err)
{
	struct store_entries entries = {0};
	int r = 0;

	for (size_t i = 0; r == 0 && i < p->n; i++) {
		if (p->images[i].result < 0)
			continue;
		r = write_manifests(&p->images[i], err);
		store_entries_add(&entries, p->images[i].ref->name, &p->images[i].top);
	}
	if (r == 0 && entries.n > 0)
		r = store_set_names(p->store, entries.items, entries.n, err);
	store_entries_cleanup(&entries);
	return r;
}

static void pull_cleanup(struct pull *p)
{
	for (size_t i = 0; i < p->n; i++) {
		struct pull_image *image = &p->images[i];

		remotes_cleanup(&image->remotes);
		descriptor_cleanup(&image->top);
		blob_set_cleanup(&image->seen);
		blob_set_cleanup(&image->collected);
		free(image->manifests);
		for (size_t b = 0; b < image->n; b++)
			descriptor_cleanup(&image->blobs[b]);
		free(image->blobs);
		werr_free(image->err);
	}
	store_forget_pending(p->store);
	free(p->images);
	free(p->wanted);
	free(p->title);
	pthread_mutex_destroy(&p->lock);
}

static int run(struct pull *p, struct werr **err)
{
	int r = store_hold(p->store, err);

	if (r == 0)
		r = pool_run(IMAGES_AT_ONCE, p->n, resolve_job, p, err);
	if (r == 0)
		r = list_wanted(p, err);
	if (r == 0)
		r = fetch(p, err);
	return r < 0 ? r : name_images(p, err);
}

int store_pull(struct store *s, struct net *net, const struct reference *refs, size_t n,
	const struct pull_options *options, struct werr **errors, struct werr **err)
{
	CLEANUP(pull)
	struct pull p = {.store = s, .net = net, .options = options, .n = n};
	int r;

	pthread_mutex_init(&p.lock, NULL);
	p.images = mem_new_array(struct pull_image, n);
	p.title = n == 1 ? str_dup(refs[0].text) : str_printf("%zu images", n);
	for (size_t i = 0; i < n; i++)
		p.images[i] = (struct pull_image){.store = s, .options = options, .ref = &refs[i]};
	r = run(&p, err);
	for (size_t i = 0; r == 0 && i < n; i++)
		r = p.images[i].result;
	for (size_t i = 0; i < n; i++)
		errors[i] = STEAL(p.images[i].err);
	return r;
}
