/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is on a disk, as far as it takes to find a root: read from its first bytes. They are
 * untrusted: every field is bounded, and only a GPT's location of its entries is followed.
 */
#ifndef WHERRY_GUEST_DISK_H
#define WHERRY_GUEST_DISK_H

#include <stdbool.h>
#include <stddef.h>

enum {
	DISK_HEAD = 72 * 1024, /* nothing beyond these bytes is looked at */
	DISK_UUID = 37,
	DISK_LABEL = 257,
};

struct disk_fs {
	const char *type;       /* for mount(2) */
	char uuid[DISK_UUID];   /* "" when this type has no UUID */
	char label[DISK_LABEL]; /* "" when it has no label */
};
/* p: the first size bytes of the disk or partition. False: not a known file system. */
bool disk_identify(const unsigned char *p, size_t size, struct disk_fs *ret);
/*
 * The PARTUUID of partition n (from 1) of the disk that begins with these bytes: the unique GUID of
 * its GPT entry (UEFI 2.10, 5.3), or SIGNATURE-NN of an MBR. False when there is none.
 */
bool disk_partition_uuid(
	const unsigned char *p, size_t size, unsigned n, char ret[static DISK_UUID]);

#endif
