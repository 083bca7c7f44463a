/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a disk holds, as far as it takes to find a root: read off its first bytes. They are hostile:
 * every field is within bounds, and nothing in them says where to look but a GPT's place of its
 * entries.
 */
#ifndef WHERRY_GUEST_DISK_H
#define WHERRY_GUEST_DISK_H

#include <stdbool.h>
#include <stddef.h>

enum {
	DISK_HEAD = 72 * 1024, /* all that is looked at is in so many bytes */
	DISK_UUID = 37,
	DISK_LABEL = 257,
};

struct disk_fs {
	const char *type;       /* for mount(2) */
	char uuid[DISK_UUID];   /* "" when this type has none */
	char label[DISK_LABEL]; /* the same */
};
/* p: the first size bytes of the disk or partition. False: no file system that is known here. */
bool disk_identify(const unsigned char *p, size_t size, struct disk_fs *ret);
/*
 * The PARTUUID of partition number n (from 1) of the disk that begins so: the unique GUID of a
 * GPT's entry (UEFI 2.10, 5.3), or SIGNATURE-NN of an MBR. False when there is none.
 */
bool disk_partition_uuid(
	const unsigned char *p, size_t size, unsigned n, char ret[static DISK_UUID]);

#endif
