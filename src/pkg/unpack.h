/* SPDX-License-Identifier: Apache-2.0 */
/* Streams compressed in any way that Debian uses (xz, zstd, gzip), by libarchive. */
#ifndef WHERRY_PKG_UNPACK_H
#define WHERRY_PKG_UNPACK_H

#include "base/io.h"

/* Reads `from` (owned, also on failure) and gives what it holds. Broken or cut streams are WERR_CORRUPT. */
int unpack_reader_new(
	struct reader *from, const char *name, struct reader **ret, struct werr **err);

#endif
