/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of src/store share.
 *
 * On the disk, oci-layout, index.json and blobs/sha256 are an OCI image layout. Beside them are:
 *
 * ingest/: blobs being written; renamed into blobs/sha256 when they are complete, checked and
 * synced.
 *
 * lock: shared by processes that write blobs, from the first blob to the name, and by those that
 * read images, from the name to the last blob; exclusive for a process that removes blobs.
 *
 * index.lock: exclusive while index.json is read, changed and replaced. `lock` is taken before it.
 * Reading names needs neither lock, as index.json is replaced as a whole.
 *
 * The directories are opened once and then used by their descriptors. Below the store's own
 * directory, which may be a link, no symbolic link is followed: what it leads to must not be
 * written to or cleaned up.
 */
#ifndef WHERRY_STORE_INTERNAL_H
#define WHERRY_STORE_INTERNAL_H

#include <pthread.h>

#include "store/secret.h"
#include "store/store.h"

enum { SECRET_NOT_TRIED, SECRET_LOOKED_FOR, SECRET_MADE };

struct store {
	char *dir;
	int dir_fd;
	int blobs_fd[DIGEST_KINDS]; /* blobs/sha256; of others -1 until there is one */
	pthread_mutex_t mutex;      /* of the rest */
	int hold_fd;                /* `lock`, shared; or -1 */
	int ingest_fd;              /* set by the first hold that may write; or -1 */
	struct store_secret {
		int tried; /* SECRET_... */
		bool known;
		unsigned char key[SECRET_SIZE];
	} secret; /* that certifies pieces */
	struct pending_blob *pending;
	size_t n_pending, cap_pending, pending_bytes;
	struct store_entries known; /* names that were found or set since the hold */
};

/*
 * A path in the store's directory, for messages and for the names of its own files; owned by the
 * caller.
 */
char *store_path(const struct store *s, const char *name);

/* ---- lock.c: a lock is held until its descriptor is closed ---- */

int store_lock_names(struct store *s, int *ret_fd, struct werr **err);
/* As store_hold, as far as this user is allowed to: a store without write permission is read as it
 * is. */
int store_hold_to_read(struct store *s, struct werr **err);
/* The right to remove blobs; gives up a hold of this store. *ret_fd is -1 when another process goes
 * on using them. */
int store_lock_blobs(struct store *s, unsigned wait_ms, int *ret_fd, struct werr **err);
/* Remove what killed processes left in ingest/, as far as that can be done; with the lock above. */
void store_clear_ingest(struct store *s);

/* ---- piece-care.c ---- */

/* The user's secret, made if that is asked for; false: there is none, which was logged. */
bool store_get_secret(struct store *s, bool make, unsigned char ret[static SECRET_SIZE]);

/* ---- dir.c ---- */

/* The directory where a digest's blob is; -ENOENT, without an error: there is none of its kind. */
int store_blobs_fd(
	struct store *s, const struct digest *d, bool make, int *ret_fd, struct werr **err);

/* ---- blob.c ---- */

/*
 * Is the blob there, whole and undamaged? Reads all of it. WERR_NOT_FOUND; WERR_CORRUPT: it is
 * damaged. Any other error says nothing of it: it may be in order.
 */
int store_check_blob(struct store *s, const struct descriptor *d, struct werr **err);
/* Are these the blob's bytes? WERR_CORRUPT. */
int store_check_bytes(const struct descriptor *d, const void *p, size_t size, struct werr **err);
/* WERR_NOT_FOUND. */
int store_blob_size(struct store *s, const struct digest *digest, uint64_t *ret, struct werr **err);
/* WERR_NOT_FOUND, or WERR_CORRUPT when it has another size. */
int store_stat_blob(struct store *s, const struct descriptor *d, struct werr **err);
int store_read_manifest(
	struct store *s, const struct descriptor *d, struct manifest **ret, struct werr **err);
/* Copy all of from (not owned) into a blob that must have d's digest and size. */
int store_copy_blob(
	struct store *s, const struct descriptor *d, struct reader *from, struct werr **err);

/* ---- pending.c: small blobs that wait in memory ---- */

/*
 * A manifest must not be in the store before all that it names: an image that is here for one
 * platform would count as damaged when another one's comes only by half. Until it is written, this
 * store's functions find it as if it were there. p has the digest.
 */
int store_put_later(struct store *s, const void *p, size_t size, const struct digest *digest,
	struct werr **err);
/* Write the blob, if it waits. */
int store_write_pending(struct store *s, const struct digest *d, struct werr **err);
/* Call visit with each, in no order. */
typedef int store_pending_visit(
	struct store *s, const struct digest *d, const void *ctx, struct werr **err);
int store_visit_pending(
	struct store *s, store_pending_visit *visit, const void *ctx, struct werr **err);
/* *ret_text is valid until store_forget_pending. */
bool store_find_pending(
	struct store *s, const struct digest *d, const char **ret_text, size_t *ret_size);
/* What has not been written by now never will be. No other thread may be using this struct store.
 */
void store_forget_pending(struct store *s);

/* ---- blob-writer.c ---- */

/* As store_put, for bytes that must have this digest. */
int store_put_as(struct store *s, const void *p, size_t size, const struct digest *digest,
	struct werr **err);

/* The error for a file in the store that can't be written, with the way out of a full disk. */
int store_cant_write(struct store *s, int errnum, struct werr **err);

/* ---- diff-id.c ---- */

/* The digest of a gzipped blob's content; WERR_CORRUPT when it is not gzip. */
int store_gzip_diff_id(
	struct store *s, const struct descriptor *d, struct digest *ret, struct werr **err);

/* ---- names.c ---- */

/* index.json as it is. */
int store_read_names(struct store *s, struct manifest **ret, struct werr **err);
/* Remove all names. */
int store_drop_names(struct store *s, struct werr **err);
/* Set all these names in one step. */
int store_set_names(struct store *s, const struct store_entry *items, size_t n, struct werr **err);
/* The name of an entry of an index.json as it is written there; NULL: none (a tag alone is not
 * one). */
const char *store_entry_text(const struct descriptor *d);
/* The same in full, owned by the caller; NULL: none. */
char *store_entry_name(const struct descriptor *d);
void store_entries_add(struct store_entries *e, const char *name, const struct descriptor *d);
/*
 * As long as blobs are held, what a name stood for when it was found or set stays at hand: another
 * process may take the name away between a pull and the look-up.
 */
void store_remember_name(struct store *s, const char *name, const struct descriptor *d);
/* *ret is a copy, the caller's to clean up. */
bool store_recall_name(struct store *s, const char *name, struct descriptor *ret);

/* ---- find.c ---- */

/* The entry that the reference names, or that has its digest in its repository. It belongs to
 * index. */
int store_find_name(const struct manifest *index, const struct reference *ref,
	const struct descriptor **ret, struct werr **err);

/* ---- gc.c ---- */

/* Remove the blobs that nothing names, unless another process is using the store. */
int store_sweep(struct store *s, struct werr **err);

/* The right to remove blobs, or WERR_TIMEOUT. */
int store_lock_for_upkeep(struct store *s, int *ret_fd, struct werr **err);

/* ---- platforms.c ---- */

int store_read_config(
	struct store *s, const struct descriptor *d, struct image_config **ret, struct werr **err);
/*
 * Call visit for each image's manifest that top is, or that its index lists (whether it is in the
 * store or not), with its platform. What describes another image is left out.
 */
typedef int store_platform_visit(
	const struct descriptor *d, const struct platform *platform, void *ctx, struct werr **err);
int store_visit_platforms(struct store *s, const struct descriptor *top,
	store_platform_visit *visit, void *ctx, struct werr **err);

/* ---- image.c ---- */

/* Can store_choose find images in it, and is a single one well made? */
int store_check_image(struct store *s, const struct descriptor *top, struct werr **err);
/* Of a manifest in an index, or alone: what its descriptor says, or else the image's configuration.
 */
int store_platform_of(struct store *s, const struct descriptor *d, const struct manifest *m,
	struct platform *ret, struct werr **err);

#endif
