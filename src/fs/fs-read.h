/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading the images of file systems, which are not trusted: each file, directory and link as an
 * entry (archive/fill.h), a directory before what is in it. Of files with several names the first
 * one comes with the bytes. Extended attributes are left out. WERR_INVALID: it is no such image;
 * WERR_CORRUPT: it is broken; WERR_UNSUPPORTED: it uses what is not known here; WERR_LIMIT: more
 * files than a tree can have. Can be interrupted.
 */
#ifndef WHERRY_FS_FS_READ_H
#define WHERRY_FS_FS_READ_H

#include "archive/fill.h"
#include "base/bytes.h"

/* By libsquashfs. */
int fs_read_squashfs(struct bytes *b, fill_visit *visit, void *ctx, struct werr **err);
/*
 * Of compressed files, those with LZ4 and an index of 8 bytes for each block, as Wherry writes them
 * and mkfs.erofs by -Elegacy-compress: the bytes of others are WERR_UNSUPPORTED when they are read.
 */
int fs_read_erofs(struct bytes *b, fill_visit *visit, void *ctx, struct werr **err);
/* ISO 9660, with Rock Ridge or without, by libarchive. */
int fs_read_iso(struct bytes *b, fill_visit *visit, void *ctx, struct werr **err);

#endif
