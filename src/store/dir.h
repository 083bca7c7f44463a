/* SPDX-License-Identifier: Apache-2.0 */
/* The store's directories and files, by descriptors; symbolic links are not followed. */
#ifndef WHERRY_STORE_DIR_H
#define WHERRY_STORE_DIR_H

#include "store/internal.h"

/*
 * Open a directory of the store ("blobs/sha256"), with make after making what is missing.
 * WERR_NOT_FOUND; WERR_INVALID when it is a link or no directory.
 */
int store_open_dir(
	const struct store *s, const char *name, bool make, int *ret_fd, struct werr **err);
/*
 * Open a file of the store for `flags` of open(2); WERR_INVALID when it is a link or no regular
 * file.
 */
int store_open_file(
	const struct store *s, const char *name, int flags, int *ret_fd, struct werr **err);
/* A small file of the store, as file_read. */
int store_read_file(const struct store *s, const char *name, size_t max, char **ret,
	size_t *ret_size, struct werr **err);
/* *ret: is something of this name in the store's directory? Fails when that can't be determined. */
int store_has_file(const struct store *s, const char *name, bool *ret, struct werr **err);

/* A new file blob-XXXXXX, for reading and writing. */
enum { STORE_TEMP_SIZE = sizeof("blob-XXXXXX") };
int store_make_temp(int dir_fd, char name[static STORE_TEMP_SIZE], int *ret_fd);
/* Is this a name that store_make_temp gives? */
bool store_is_temp(const char *name);

/* Call visit for each blob, in no order. Files whose names are not digests are not the store's.
 * visit may remove the blob. */
typedef int store_blob_visit(
	int dir_fd, const struct digest *digest, uint64_t size, void *ctx, struct werr **err);
int store_visit_blobs(struct store *s, store_blob_visit *visit, void *ctx, struct werr **err);

/* So that what was renamed into it stays there after a loss of power. */
int store_sync_blobs(struct store *s, struct werr **err);

#endif
