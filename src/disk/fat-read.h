/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a FAT of any size (disk/fat-format.h), which is not trusted. */
#ifndef WHERRY_DISK_FAT_READ_H
#define WHERRY_DISK_FAT_READ_H

#include "base/bytes.h"

enum { FAT_FOUND_MAX = 65536, FAT_DEPTH_MAX = 64 };

struct fat_found {
	const char *path; /* "EFI/BOOT/BOOTX64.EFI" */
	bool is_directory;
	uint64_t size;
	/* Of a file: where its bytes are; end to end at least as many as they should be. */
	const struct bytes_run *runs;
	size_t n;
};
typedef int fat_visit(const struct fat_found *f, void *ctx, struct werr **err);

/*
 * Call visit for each file and directory, a directory before what is in it. WERR_INVALID: it is no
 * FAT; WERR_CORRUPT: a broken one; WERR_LIMIT: more than FAT_FOUND_MAX files, or too deep.
 */
int fat_read(struct bytes *b, fat_visit *visit, void *ctx, struct werr **err);
/* Whether it begins like one. */
bool fat_is(struct bytes *b);

#endif
