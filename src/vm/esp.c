/* SPDX-License-Identifier: Apache-2.0 */
#include "vm/esp.h"

#include <string.h>

#include "arch/arch.h"
#include "base/attr.h"
#include "base/endian.h"
#include "disk/fat-format.h"

/*
 * Sectors that are read in all: 512 KiB of directories, which can be without end. It may take the
 * unpacking of 2 MiB to read one of them.
 */
enum { READS_MAX = 1024 };

static const struct fat_kind {
	uint32_t clusters_max; /* fewer than these */
	unsigned bits;         /* of an entry of the table */
	uint32_t mask;         /* of them, those that count */
} kinds[] = {{FAT12_CLUSTERS, 12, 0xfff}, {FAT16_CLUSTERS, 16, 0xffff},
	{FAT32_CLUSTERS, 32, FAT32_MASK}};

struct fat_volume {
	const struct disk_image *image;
	const struct fat_kind *kind;
	uint64_t start, table, root, data; /* sectors of the disk */
	uint32_t root_sectors;             /* of FAT12 and FAT16 */
	uint32_t root_cluster;             /* of FAT32, where it is a chain of clusters */
	unsigned cluster;                  /* sectors */
	unsigned reads;                    /* that are still allowed */
};

/* NULL: there are no FATs of so many clusters. */
static const struct fat_kind *kind_of(uint64_t clusters)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (clusters < kinds[i].clusters_max)
			return &kinds[i];
	return NULL;
}

static bool is_32(const struct fat_volume *v)
{
	return v->kind->bits == 32;
}

/* A number for which there was too little room at first: 0 there. */
static uint32_t short_or_long(const unsigned char *b, size_t at_16, size_t at_32)
{
	return le16_get(b + at_16) ? le16_get(b + at_16) : le32_get(b + at_32);
}

static bool open_volume(const struct disk_image *i, uint64_t start, struct fat_volume *ret)
{
	unsigned char b[DISK_SECTOR];
	uint64_t tables, total;

	if (!disk_image_read(i, start, b) || le16_get(b + FAT_SECTOR_AT) != DISK_SECTOR ||
		!b[FAT_CLUSTER_SIZE_AT])
		return false;
	*ret = (struct fat_volume){
		.image = i, .start = start, .cluster = b[FAT_CLUSTER_SIZE_AT], .reads = READS_MAX};
	tables = (uint64_t)b[FAT_TABLES_AT] * short_or_long(b, FAT_TABLE_16_AT, FAT_TABLE_32_AT);
	total = short_or_long(b, FAT_TOTAL_16_AT, FAT_TOTAL_32_AT);
	ret->table = start + le16_get(b + FAT_RESERVED_AT);
	ret->root = ret->table + tables;
	ret->root_sectors =
		(le16_get(b + FAT_ROOT_RECORDS_AT) * FAT_RECORD + DISK_SECTOR - 1) / DISK_SECTOR;
	ret->data = ret->root + ret->root_sectors;
	if (total <= ret->data - start)
		return false;
	ret->kind = kind_of((total - (ret->data - start)) / ret->cluster);
	if (!ret->kind)
		return false;
	ret->root_cluster = is_32(ret) ? le32_get(b + FAT_ROOT_CLUSTER_AT) : 0;
	return true;
}

static bool read_sector(struct fat_volume *v, uint64_t sector, unsigned char *ret)
{
	if (v->reads == 0)
		return false;
	v->reads--;
	return disk_image_read(v->image, sector, ret);
}

static uint64_t cluster_at(const struct fat_volume *v, uint32_t cluster)
{
	return v->data + (uint64_t)(cluster - FAT_FIRST_CLUSTER) * v->cluster;
}

/* 0: there is none. An entry of FAT12 is one and a half bytes, and may lie in two sectors. */
static uint32_t next_cluster(struct fat_volume *v, uint32_t cluster)
{
	const struct fat_kind *k = v->kind;
	uint64_t bit = (uint64_t)cluster * k->bits, sector = v->table + bit / 8 / DISK_SECTOR;
	unsigned char s[2 * DISK_SECTOR];
	uint32_t next;

	if (!read_sector(v, sector, s) || !read_sector(v, sector + 1, s + DISK_SECTOR))
		return 0;
	next = le32_get(s + bit / 8 % DISK_SECTOR) >> bit % 8 & k->mask;
	return next >= (k->mask & ~7U) ? 0 : next;
}

/* What an entry of a directory is compared with. */
struct wanted {
	const char *name, *suffix; /* how the name and what is behind its point begin */
	bool is_directory;
};

static bool is_wanted(const unsigned char *e, const struct wanted *w)
{
	return e[0] != FAT_DELETED && (e[FAT_ATTRIBUTES_AT] & FAT_LONG) != FAT_LONG &&
	       !(e[FAT_ATTRIBUTES_AT] & FAT_DIRECTORY) == !w->is_directory &&
	       memcmp(e, w->name, strlen(w->name)) == 0 &&
	       memcmp(e + FAT_SHORT - strlen(w->suffix), w->suffix, strlen(w->suffix)) == 0;
}

static uint32_t first_cluster(const struct fat_volume *v, const unsigned char *e)
{
	return le16_get(e + FAT_CLUSTER_LOW_AT) |
	       (is_32(v) ? (uint32_t)le16_get(e + FAT_CLUSTER_HIGH_AT) << 16 : 0);
}

/* The PE file that begins in a cluster; its headers are there, too. */
static const char *program_arch(struct fat_volume *v, uint32_t cluster)
{
	unsigned char s[DISK_SECTOR];
	uint64_t at = cluster_at(v, cluster);
	const struct arch *a;
	uint32_t header;

	if (cluster < FAT_FIRST_CLUSTER || !read_sector(v, at, s) || memcmp(s, "MZ", 2) != 0)
		return NULL;
	header = le32_get(s + 0x3c);
	if (header % DISK_SECTOR > DISK_SECTOR - 8 ||
		!read_sector(v, at + header / DISK_SECTOR, s) ||
		memcmp(s + header % DISK_SECTOR, "PE\0\0", 4) != 0)
		return NULL;
	a = arch_find_efi(le16_get(s + header % DISK_SECTOR + 4));
	return a ? a->name : NULL;
}

/* The first cluster of what is wanted and, if that is a program, of a known architecture; or 0. */
static uint32_t look_in_sector(
	struct fat_volume *v, uint64_t sector, const struct wanted *w, const char **ret_arch)
{
	unsigned char s[DISK_SECTOR];

	if (!read_sector(v, sector, s))
		return 0;
	for (size_t at = 0; at < DISK_SECTOR; at += FAT_RECORD) {
		uint32_t cluster = is_wanted(s + at, w) ? first_cluster(v, s + at) : 0;

		if (cluster && !w->is_directory)
			*ret_arch = program_arch(v, cluster);
		if (cluster && (w->is_directory || *ret_arch))
			return cluster;
	}
	return 0;
}

/* In the directory that begins in a cluster; 0: in the root of FAT12 and FAT16. */
static uint32_t look(
	struct fat_volume *v, uint32_t dir, const struct wanted *w, const char **ret_arch)
{
	uint32_t found = 0;

	for (uint32_t i = 0; !dir && !found && i < v->root_sectors; i++)
		found = look_in_sector(v, v->root + i, w, ret_arch);
	while (dir >= FAT_FIRST_CLUSTER && !found) {
		for (unsigned i = 0; !found && i < v->cluster; i++)
			found = look_in_sector(v, cluster_at(v, dir) + i, w, ret_arch);
		dir = found ? dir : next_cluster(v, dir);
	}
	return found;
}

const char *esp_arch(const struct disk_image *i, uint64_t sector)
{
	static const struct wanted way[] = {
		{"EFI     ", "   ", true}, {"BOOT    ", "   ", true}, {"BOOT", "EFI", false}};
	const char *arch = NULL;
	struct fat_volume v;
	uint32_t at;

	if (!open_volume(i, sector, &v))
		return NULL;
	at = look(&v, v.root_cluster, &way[0], &arch);
	at = at ? look(&v, at, &way[1], &arch) : 0;
	if (at)
		look(&v, at, &way[2], &arch);
	return arch;
}
