/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Swap areas: a page with a header, version 1 of mkswap(8) and the kernel's include/linux/swap.h,
 * then pages of anything.
 */
#ifndef WHERRY_GUEST_SWAP_AREA_H
#define WHERRY_GUEST_SWAP_AREA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum { SWAP_PAGE_MAX = 64 << 10, SWAP_PAGES_MIN = 10 };

/*
 * Fill in the first page (page bytes, a power of two of 4096 to SWAP_PAGE_MAX) of an area of size
 * bytes; uuid: 16 random bytes; label: shorter than 16 bytes, or NULL.
 */
void swap_area_format(unsigned char *head, size_t page, uint64_t size, const unsigned char *uuid,
	const char *label);
/* Whether the page is one of an area; *ret_size is the area's. */
bool swap_area_parse(const unsigned char *head, size_t page, uint64_t *ret_size);

/*
 * Make a file of size bytes with an area, as wholefile.h does. WERR_EXISTS when there is such a
 * file, WERR_NO_SPACE.
 */
int swap_area_make_file(const char *path, uint64_t size, const char *label, struct werr **err);
/*
 * Write an area to a device that is empty: its first and its last MiB are zeros. WERR_EXISTS when
 * they are not. Whenever it is interrupted, the device is as before, or marked as not finished,
 * which counts as empty, or it has an area.
 */
int swap_area_make_device(int fd, const char *path, const char *label, struct werr **err);
/* The same for a device whose content is of no value. */
int swap_area_format_device(int fd, const char *path, struct werr **err);
/* Read the size of the area in an open file or device; false when it has none. */
bool swap_area_read(int fd, uint64_t *ret_size);
/* The size of an open file or block device; 0 when it has none. */
uint64_t swap_area_room(int fd);

#endif
