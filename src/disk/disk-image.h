/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading a sector here and there of a disk that is in a file of some format: enough to see what is
 * on it. What is in the file is not trusted.
 */
#ifndef WHERRY_DISK_DISK_IMAGE_H
#define WHERRY_DISK_DISK_IMAGE_H

#include <stdbool.h>

#include "disk/disk.h"

struct disk_image {
	int fd;
	uint64_t at, length; /* of the file: where the image is; bytes */
	uint64_t size;       /* of the disk; bytes */
	const struct disk_image_kind *kind;
	/* The format's own: where its first table is, how many entries that or the next one has, */
	uint64_t table, entries;
	uint64_t unit;       /* how many bytes one stands for, */
	unsigned bits, step; /* or 2 to the power of this; bytes from one entry to the next */
	unsigned packing;    /* by what its data may be packed: image-impl.h */
};

/*
 * format: QEMU's name of it ("raw", "qcow2", "vmdk", "vpc", "vhdx"), of which others are not read;
 * length 0: up to the end of the file. False: it is no such image.
 */
bool disk_image_open(
	int fd, const char *format, uint64_t at, uint64_t length, struct disk_image *ret);
/* Bytes of the image itself, by fd, at and length alone. False: they are not in the file. */
bool disk_image_bytes(const struct disk_image *i, uint64_t at, void *ret, size_t size);
/* False: the file does not have it. What a format leaves out are zeros. */
bool disk_image_read(const struct disk_image *i, uint64_t sector, void *ret);
/* The same of n sectors; what is packed together is unpacked once. */
bool disk_image_read_many(const struct disk_image *i, uint64_t sector, size_t n, void *ret);

#endif
