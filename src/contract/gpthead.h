/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The header of a GUID partition table (UEFI 2.10, 5.3.2) and the first sector of such a disk
 * (5.2.3): what images begin with, and what the guest reads and writes on disks.
 */
#ifndef WHERRY_CONTRACT_GPTHEAD_H
#define WHERRY_CONTRACT_GPTHEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	GPTHEAD_SIZE = 92,
	GPTHEAD_ENTRY = 128, /* the least, and what everybody has */
	GPTHEAD_GUID = 16,
	GPTHEAD_PROTECTIVE = 0xee, /* the type of the only entry of a protective MBR */
};

/* Places are numbers of sectors. */
struct gpthead {
	uint64_t at, other;             /* where it is, and where its copy is */
	uint64_t first, last;           /* what partitions may use */
	unsigned char id[GPTHEAD_GUID]; /* the disk's, as on the disk */
	uint64_t entries_at;
	uint32_t n, entry_size; /* how many entries there are, and bytes of each */
	uint32_t entries_crc;   /* gpthead_crc32() of all of them */
};

/* The CRC-32 of Ethernet. */
uint32_t gpthead_crc32(const unsigned char *p, size_t size);
void gpthead_put(unsigned char ret[static GPTHEAD_SIZE], const struct gpthead *h);
/*
 * Read untrusted bytes. False: not a header of that size, or its checksum is wrong. What it says is
 * not checked.
 */
bool gpthead_get(const unsigned char p[static GPTHEAD_SIZE], struct gpthead *ret);
/*
 * The partition that a program sees which knows no GPT has the whole disk. Of a first sector, sets
 * the first entry and the magic at its end.
 */
void gpthead_put_protective(unsigned char ret[static 512], uint64_t sectors);

#endif
