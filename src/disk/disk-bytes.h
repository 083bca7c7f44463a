/* SPDX-License-Identifier: Apache-2.0 */
/* The bytes of a disk that is in a file of some format (disk-image.h). */
#ifndef WHERRY_DISK_DISK_BYTES_H
#define WHERRY_DISK_DISK_BYTES_H

#include "base/bytes.h"
#include "disk/disk-image.h"

/* The file stays open as long as the bytes are used; *i is copied. What is broken is WERR_CORRUPT.
 */
struct bytes *disk_bytes_new(const struct disk_image *i);

#endif
