/* SPDX-License-Identifier: Apache-2.0 */
/* The folder blobs/sha256. */
#ifndef WHERRY_STORE_DIR_H
#define WHERRY_STORE_DIR_H

#include "store/internal.h"

/* Call visit for each blob, in no order. What has no digest for a name is none of ours. visit may remove the blob. */
typedef int store_blob_visit(
	int dir_fd, const struct digest *digest, uint64_t size, void *ctx, struct werr **err);
int store_visit_blobs(struct store *s, store_blob_visit *visit, void *ctx, struct werr **err);

#endif
