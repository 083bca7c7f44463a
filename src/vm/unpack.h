/* SPDX-License-Identifier: Apache-2.0 */
/* Disks that are in a compressed tar, as Google Cloud takes them: disk.raw, perhaps with holes. */
#ifndef WHERRY_VM_UNPACK_H
#define WHERRY_VM_UNPACK_H

#include "base/io.h"

/* Whether a file looks like one: it is compressed by gzip, as no disk is. */
bool vm_disk_is_packed(const char *path);
/*
 * Unpack the disk into a file, which is replaced; zeros become holes. WERR_UNSUPPORTED: something
 * else is in the tar; WERR_CORRUPT: it is broken; WERR_LIMIT: it was made to fill a disk. Can be
 * interrupted.
 */
int vm_disk_unpack(const char *path, const char *to, struct werr **err);
/* The same from a tar that is not compressed, of so many bytes before. */
int vm_disk_read(struct reader *tar, uint64_t packed, struct writer *to, struct werr **err);

#endif
