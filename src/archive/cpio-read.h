/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading newc cpio archives (the kernel's Documentation/driver-api/early-userspace/
 * buffer-format.rst) that are laid end to end, with zeros in between. They are not trusted.
 */
#ifndef WHERRY_ARCHIVE_CPIO_READ_H
#define WHERRY_ARCHIVE_CPIO_READ_H

#include "archive/fill.h"

enum { CPIO_HEADER = 110, CPIO_PATH_MAX = TREE_PATH_MAX };

/*
 * Read archives up to the end of `from`, or to what is neither zeros nor an archive, behind at
 * least one. *ret_used: where that is. WERR_CORRUPT: a broken or truncated archive; WERR_LIMIT: a
 * name that is too long. Can be interrupted.
 */
int cpio_read(
	struct reader *from, fill_visit *visit, void *ctx, uint64_t *ret_used, struct werr **err);

#endif
