/* SPDX-License-Identifier: Apache-2.0 */
/* The store's directories and files, by descriptors; symbolic links are not followed. */
#ifndef WHERRY_STORE_DIR_H
#define WHERRY_STORE_DIR_H

#include "store/internal.h"

/*
 * Open a directory of the store ("blobs/sha256"); with make, create what is missing.
 * WERR_NOT_FOUND; WERR_INVALID when it is a symbolic link or not a directory.
 */
int store_open_dir(
	const struct store *s, const char *name, bool make, int *ret_fd, struct werr **err);
/*
 * Open a file of the store with the `flags` of open(2); WERR_INVALID when it is a symbolic link or
 * not a regular file.
 */
int store_open_file(
	const struct store *s, const char *name, int flags, int *ret_fd, struct werr **err);
/* Read a small file of the store, as file_read. */
int store_read_file(const struct store *s, const char *name, size_t max, char **ret,
	size_t *ret_size, struct werr **err);
/*
 * *ret: whether the store's directory has an entry of this name. Fails when that can't be found
 * out.
 */
int store_has_file(const struct store *s, const char *name, bool *ret, struct werr **err);

/* Create a file blob-XXXXXX, open for reading and writing. */
enum { STORE_TEMP_SIZE = sizeof("blob-XXXXXX") };
int store_make_temp(int dir_fd, char name[static STORE_TEMP_SIZE], int *ret_fd);
/* Check whether this is a name that store_make_temp gives. */
bool store_is_temp(const char *name);

/*
 * Call visit for each blob, in no particular order. Files whose name is not a digest are skipped.
 * visit may remove the blob.
 */
typedef int store_blob_visit(
	int dir_fd, const struct digest *digest, uint64_t size, void *ctx, struct werr **err);
int store_visit_blobs(struct store *s, store_blob_visit *visit, void *ctx, struct werr **err);

/* Sync a directory, so that files renamed into it survive a loss of power. */
int store_sync_blobs(struct store *s, struct werr **err);

#endif
