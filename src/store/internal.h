/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shared by the files of src/store.
 *
 * On disk, oci-layout, index.json and blobs/sha256 are an OCI image layout. Next to them:
 *
 * - ingest/: blobs that are being written; renamed into blobs/sha256 when they are complete,
 * checked and synced
 *
 * - lock: held shared by writers of blobs, from the first blob to the name, and by readers of
 * images, from the name to the last blob; held exclusively by a process that removes blobs
 *
 * - index.lock: held exclusively while index.json is read, changed and replaced
 *
 * `lock` is taken before `index.lock`. Reading only names needs neither, since index.json is
 * replaced as a whole.
 *
 * The directories are opened once and then used by their descriptors. The store's own directory may
 * be a symbolic link; below it no symbolic link is followed, since its target must not be written
 * to or cleaned.
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
	/* blobs/sha256 and so on; other kinds than sha256 are -1 until the directory exists. */
	int blobs_fd[DIGEST_KINDS];
	pthread_mutex_t mutex; /* protects the members below */
	int hold_fd;           /* `lock`, shared; or -1 */
	int ingest_fd;         /* set by the first hold with write access; or -1 */
	struct store_secret {
		int tried; /* SECRET_... */
		bool known;
		unsigned char key[SECRET_SIZE];
	} secret; /* certifies pieces */
	struct pending_blob *pending;
	size_t n_pending, cap_pending, pending_bytes;
	struct store_entries known; /* names found or set since the hold */
	struct store_garbage freed; /* by removals; only their thread uses it */
};

/*
 * Return the path of a file in the store's directory, for messages and for the store's own files.
 * Owned by the caller.
 */
char *store_path(const struct store *s, const char *name);

/* ---- lock.c: a lock is held until its descriptor is closed ---- */

int store_lock_names(struct store *s, int *ret_fd, struct werr **err);
/* As store_hold, but a store that this user can't write to can be read as well. */
int store_hold_to_read(struct store *s, struct werr **err);
/*
 * Lock the store for the removal of blobs, giving up this store's own hold. *ret_fd is -1 when
 * other processes are still using the store after wait_ms.
 */
int store_lock_blobs(struct store *s, unsigned wait_ms, int *ret_fd, struct werr **err);
/* Remove from ingest/ what killed processes left, as far as possible; needs the lock above. */
void store_clear_ingest(struct store *s);

/* ---- piece-care.c ---- */

/*
 * Load the user's secret, creating it on request. False when there is none; the reason is logged.
 */
bool store_get_secret(struct store *s, bool make, unsigned char ret[static SECRET_SIZE]);

/* ---- dir.c ---- */

/*
 * Return the directory for a digest's blob; -ENOENT, without an error text, when there is none for
 * its kind.
 */
int store_blobs_fd(
	struct store *s, const struct digest *d, bool make, int *ret_fd, struct werr **err);

/* ---- blob.c ---- */

/*
 * Check that the blob is present and undamaged; reads all of it. WERR_NOT_FOUND; WERR_CORRUPT when
 * it is damaged. After any other error its state is unknown.
 */
int store_check_blob(struct store *s, const struct descriptor *d, struct werr **err);
/* WERR_CORRUPT unless these are the blob's bytes. */
int store_check_bytes(const struct descriptor *d, const void *p, size_t size, struct werr **err);
/* WERR_NOT_FOUND. */
int store_blob_size(struct store *s, const struct digest *digest, uint64_t *ret, struct werr **err);
/* WERR_NOT_FOUND, or WERR_CORRUPT when it has another size. */
int store_stat_blob(struct store *s, const struct descriptor *d, struct werr **err);
int store_read_manifest(
	struct store *s, const struct descriptor *d, struct manifest **ret, struct werr **err);
/* Copy all of `from` (not owned) into a blob that must have d's digest and size. */
int store_copy_blob(
	struct store *s, const struct descriptor *d, struct reader *from, struct werr **err);

/* ---- pending.c: small blobs kept in memory until they may be written ---- */

/*
 * Keep a manifest in memory until all that it names is in the store: otherwise an image that is
 * complete for one platform would count as damaged when another platform's arrives only in part.
 * Until it is written, this store's functions find it as if it were there. p has the digest.
 */
int store_put_later(struct store *s, const void *p, size_t size, const struct digest *digest,
	struct werr **err);
/* Write the blob if it is pending. */
int store_write_pending(struct store *s, const struct digest *d, struct werr **err);
/* Call visit for each, in no particular order. */
typedef int store_pending_visit(
	struct store *s, const struct digest *d, const void *ctx, struct werr **err);
int store_visit_pending(
	struct store *s, store_pending_visit *visit, const void *ctx, struct werr **err);
/* *ret_text is valid until store_forget_pending. */
bool store_find_pending(
	struct store *s, const struct digest *d, const char **ret_text, size_t *ret_size);
/* Drop all pending blobs. Only while no other thread uses this struct store. */
void store_forget_pending(struct store *s);

/* ---- blob-writer.c ---- */

/* As store_put, but the bytes must have this digest. */
int store_put_as(struct store *s, const void *p, size_t size, const struct digest *digest,
	struct werr **err);

/* Make the error for a store file that can't be written, with a hint for a full disk. */
int store_cant_write(struct store *s, int errnum, struct werr **err);

/* ---- diff-id.c ---- */

/* Compute the digest of a gzipped blob's content; WERR_CORRUPT when it is not gzip. */
int store_gzip_diff_id(
	struct store *s, const struct descriptor *d, struct digest *ret, struct werr **err);

/* ---- names.c ---- */

/* Read index.json. */
int store_read_names(struct store *s, struct manifest **ret, struct werr **err);
/* Remove all names. */
int store_drop_names(struct store *s, struct werr **err);
/* Set all these names at once. */
int store_set_names(struct store *s, const struct store_entry *items, size_t n, struct werr **err);
/*
 * Return the name of an index.json entry as written there; NULL when there is none (a tag alone
 * does not count).
 */
const char *store_entry_text(const struct descriptor *d);
/* Return the full name of an index.json entry, owned by the caller, or NULL. */
char *store_entry_name(const struct descriptor *d);
void store_entries_add(struct store_entries *e, const char *name, const struct descriptor *d);
/*
 * Remember what a name referred to when it was found or set, as long as blobs are held: another
 * process may remove the name between a pull and the look-up.
 */
void store_remember_name(struct store *s, const char *name, const struct descriptor *d);
/* *ret is a copy, which the caller cleans up. */
bool store_recall_name(struct store *s, const char *name, struct descriptor *ret);

/* ---- find.c ---- */

/*
 * Find the entry that the reference names, or that has its digest in its repository. It belongs to
 * index.
 */
int store_find_name(const struct manifest *index, const struct reference *ref,
	const struct descriptor **ret, struct werr **err);

/* ---- gc.c ---- */

/* Remove the blobs that nothing names, unless another process is using the store. */
int store_sweep(struct store *s, struct werr **err);

/* Lock the store for the removal of blobs, or fail with WERR_TIMEOUT. */
int store_lock_for_upkeep(struct store *s, int *ret_fd, struct werr **err);

/* ---- platforms.c ---- */

int store_read_config(
	struct store *s, const struct descriptor *d, struct image_config **ret, struct werr **err);
/*
 * Call visit with the platform of top, a manifest, or of each manifest that top, an index, lists
 * (whether it is in the store or not). Manifests that describe another image are skipped.
 */
typedef int store_platform_visit(
	const struct descriptor *d, const struct platform *platform, void *ctx, struct werr **err);
int store_visit_platforms(struct store *s, const struct descriptor *top,
	store_platform_visit *visit, void *ctx, struct werr **err);

/* ---- image.c ---- */

/*
 * Check that store_choose can find images in it and, if it is a single image, that it is well
 * formed.
 */
int store_check_image(struct store *s, const struct descriptor *top, struct werr **err);
/*
 * Get the platform of a manifest, in an index or alone, from its descriptor, or else from the
 * image's configuration.
 */
int store_platform_of(struct store *s, const struct descriptor *d, const struct manifest *m,
	struct platform *ret, struct werr **err);

#endif
