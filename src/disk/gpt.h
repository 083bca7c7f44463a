/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GUID partition tables (UEFI 2.10, 5.2.3 and 5.3): which partitions lie where on a disk of sectors
 * of 512 bytes, and the tables themselves, at both ends of it.
 */
#ifndef WHERRY_DISK_GPT_H
#define WHERRY_DISK_GPT_H

#include "disk/disk.h"
#include "disk/guid.h"

enum {
	GPT_PARTITIONS_MAX = 128,
	GPT_NAME_MAX = 36,       /* UTF-16 units */
	GPT_BOOT_CODE_MAX = 440, /* bytes of the first sector that are the boot code's */
	GPT_HEAD = 34,           /* sectors at the beginning that are the tables' */
	GPT_TAIL = 33,           /* and at the end */
	GPT_ALIGN = 1 << 20,     /* what gpt_place puts partitions at multiples of */
	GPT_UNIT = 64 << 10,     /* what it makes the disk a multiple of */
};

extern const struct guid gpt_type_esp;       /* UEFI 2.10, 5.3.3 */
extern const struct guid gpt_type_bios_boot; /* GRUB's */
extern const struct guid gpt_type_data;      /* Microsoft's: a FAT for any use */
extern const struct guid gpt_type_linux;     /* any file system of Linux */

/* An attribute of partitions of Linux: Discoverable Partitions Specification, partition flags. */
#define GPT_READ_ONLY ((uint64_t)1 << 60)

struct gpt_partition {
	struct guid type, id;
	const char *name;    /* UTF-8; NULL: none */
	uint64_t attributes; /* 5.3.3, table 5.8 */
	uint64_t size;       /* bytes, whole sectors */
	uint64_t at;         /* where on the disk, in bytes: gpt_place, or the caller */
};

struct gpt {
	struct guid id;
	const struct gpt_partition *partitions; /* at rising places */
	size_t n;
	const void *boot_code; /* of the first sector; or NULL */
	size_t boot_code_size; /* at most GPT_BOOT_CODE_MAX */
	bool is_active;        /* mark the protective partition: some BIOSes boot no other disk */
};

/*
 * Put partitions, of which all but `at` is set, one after another at multiples of GPT_ALIGN. *ret
 * is how large a disk with them is at least: a multiple of GPT_UNIT. WERR_LIMIT: too large.
 */
int gpt_place(struct gpt_partition *partitions, size_t n, uint64_t *ret, struct werr **err);
/*
 * Put the tables and the first sector on a disk, whose size is set: whole sectors. What g refers to
 * may go afterwards. WERR_LIMIT: partitions that lie beyond the end, in the tables or in each
 * other, or too many; WERR_INVALID: a name that can't be.
 */
int gpt_put(const struct gpt *g, struct extents *disk, struct werr **err);

#endif
