/* SPDX-License-Identifier: Apache-2.0 */
/* Streams compressed in any way that Debian uses: xz, and those of tree/codec.h. */
#ifndef WHERRY_PKG_UNPACK_H
#define WHERRY_PKG_UNPACK_H

#include "base/io.h"

/*
 * Reads size bytes at offset in the file fd (not owned) and gives what they hold uncompressed. Broken or cut
 * streams are WERR_CORRUPT. Memory: xz streams that want more than 80 MiB are refused.
 */
int unpack_reader_new(int fd, const char *name, uint64_t offset, uint64_t size, struct reader **ret,
	struct werr **err);

#endif
