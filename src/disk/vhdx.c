/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Microsoft, MS-VHDX: Virtual Hard Disk v2 (VHDX) File Format. What the file consists of, in MiB:
 * identifier, headers and region tables; log (empty); metadata; block allocation table; blocks.
 */
#include <inttypes.h>

#include "base/endian.h"
#include "base/mem.h"
#include "base/str.h"
#include "disk/disk-impl.h"
#include "disk/vhdx-format.h"

enum {
	KIB = 1024,
	MIB = KIB * KIB,
	HEADER = 4 * KIB,
	LOG_AT = MIB,
	METADATA_AT = 2 * MIB,
	TABLE_AT = 3 * MIB,
	BLOCKS_MAX = 1 << 20, /* larger disks have larger blocks */
	REQUIRED = 4,
	OF_DISK = 2, /* flags of metadata */
};
#define SIZE_MAX_VHDX ((uint64_t)64 << 40)

struct vhdx {
	const struct extents *disk;
	const struct disk_options *options;
	struct disk_runs runs;
	uint64_t size, block;
	uint64_t n_entries, table_size, data_at;
};

static void vhdx_cleanup(struct vhdx *v)
{
	disk_runs_cleanup(&v->runs);
}

/* Castagnoli's polynomial, as in RFC 3720, B.4. */
static uint32_t crc32c(const unsigned char *p, size_t size)
{
	uint32_t crc = UINT32_MAX;

	for (size_t i = 0; i < size; i++) {
		crc ^= p[i];
		for (unsigned bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78 : 0);
	}
	return ~crc;
}

/* ---- the first MiB: two of each, so that one is whole whenever they are changed ---- */

/* 2.2.2; readers take the one with the larger sequence number. */
static void make_header(const struct vhdx *v, unsigned char *p, uint64_t sequence)
{
	memcpy(p, "head", 4);
	le64_put(p + 8, sequence);
	disk_make_guid(v->options, 0, p + 16); /* of the file's last change */
	disk_make_guid(v->options, 1, p + 32); /* of the data's */
	/* The log's GUID is 0: it is empty. */
	le16_put(p + 66, 1); /* the version */
	le32_put(p + 68, MIB);
	le64_put(p + 72, LOG_AT);
	le32_put(p + 4, crc32c(p, HEADER));
}

static void put_region(unsigned char *p, const vhdx_guid id, uint64_t at, uint64_t size)
{
	memcpy(p, id, VHDX_GUID);
	le64_put(p + 16, at);
	le32_put(p + 24, (uint32_t)size);
	le32_put(p + 28, 1); /* required */
}

/* 2.2.3 */
static void make_regions(const struct vhdx *v, unsigned char *p)
{
	memcpy(p, "regi", 4);
	le32_put(p + 8, 2);
	put_region(p + VHDX_REGIONS_HEAD, vhdx_table, TABLE_AT, v->table_size);
	put_region(p + VHDX_REGIONS_HEAD + VHDX_ENTRY, vhdx_metadata, METADATA_AT, MIB);
	le32_put(p + 4, crc32c(p, VHDX_PART));
}

/* Each of them has something in its first 4 KiB only. */
static int write_parts(const unsigned char *p, size_t n, struct writer *to, struct werr **err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < n; i++) {
		r = writer_write(to, p + i * VHDX_PART, HEADER, err);
		if (r == 0)
			r = writer_skip(to, VHDX_PART - HEADER, err);
	}
	return r;
}

static int write_head(const struct vhdx *v, struct writer *to, struct werr **err)
{
	CLEANUP(free) unsigned char *p = mem_alloc(5 * (size_t)VHDX_PART);
	int r;

	memcpy(p, VHDX_MAGIC, VHDX_MAGIC_SIZE);
	for (size_t i = 0; i < 6; i++)
		le16_put(p + 8 + 2 * i, (uint16_t) "wherry"[i]);
	make_header(v, p + VHDX_PART, 1);
	make_header(v, p + 2 * (size_t)VHDX_PART, 2);
	make_regions(v, p + VHDX_REGIONS_AT);
	memcpy(p + 4 * (size_t)VHDX_PART, p + VHDX_REGIONS_AT, VHDX_PART);
	r = write_parts(p, 5, to, err);
	return r < 0 ? r : writer_skip(to, METADATA_AT - 5 * VHDX_PART, err);
}

/* ---- metadata (2.6) ---- */

/* An item's entry, and its bytes from *at on, which moves. */
static void put_item(unsigned char *table, unsigned n, const vhdx_guid id, uint32_t flags,
	const void *bytes, uint32_t size, uint32_t *at)
{
	unsigned char *p = table + VHDX_METADATA_HEAD + (size_t)VHDX_ENTRY * n;

	memcpy(p, id, VHDX_GUID);
	le32_put(p + 16, *at);
	le32_put(p + 20, size);
	le32_put(p + 24, flags);
	memcpy(table + *at, bytes, size);
	*at += size;
}

static int write_metadata(const struct vhdx *v, struct writer *to, struct werr **err)
{
	static const vhdx_guid page_83 = {0xab, 0x12, 0xca, 0xbe, 0xe6, 0xb2, 0x23, 0x45, 0x93,
		0xef, 0xc3, 0x09, 0xe0, 0x00, 0xc7, 0x46};
	static const vhdx_guid physical = {0xc7, 0x48, 0xa3, 0xcd, 0x5d, 0x44, 0x71, 0x44, 0x9c,
		0xc9, 0xe9, 0x88, 0x52, 0x51, 0xc5, 0x56};
	CLEANUP(free) unsigned char *p = mem_alloc(2 * (size_t)VHDX_PART);
	unsigned char numbers[8 + 8 + 4 + 4] = {0};
	uint32_t at = VHDX_PART;
	vhdx_guid id;
	int r;

	memcpy(p, "metadata", 8);
	le16_put(p + 10, 5);
	le32_put(numbers, (uint32_t)v->block);
	le64_put(numbers + 8, v->size);
	le32_put(numbers + 16, DISK_SECTOR);
	le32_put(numbers + 20, 4096);
	disk_make_guid(v->options, 2, id);
	put_item(p, 0, vhdx_parameters, REQUIRED, numbers, 8, &at);
	put_item(p, 1, vhdx_disk_size, REQUIRED | OF_DISK, numbers + 8, 8, &at);
	put_item(p, 2, page_83, REQUIRED | OF_DISK, id, VHDX_GUID, &at);
	put_item(p, 3, vhdx_sector_size, REQUIRED | OF_DISK, numbers + 16, 4, &at);
	put_item(p, 4, physical, REQUIRED | OF_DISK, numbers + 20, 4, &at);
	r = write_parts(p, 2, to, err);
	return r < 0 ? r : writer_skip(to, MIB - 2 * VHDX_PART, err);
}

/* ---- blocks ---- */

/* How many blocks share a bitmap of sectors, which only differences to other disks have. */
static uint64_t chunk_of(uint64_t block)
{
	return ((uint64_t)DISK_SECTOR << VHDX_SECTORS_BITS) / block;
}

static int lay_out(struct vhdx *v, struct werr **err)
{
	uint64_t blocks;
	char text[32];
	int r = disk_whole_size(v->disk, MIB, &v->size, err);

	if (r == 0 && v->size > SIZE_MAX_VHDX)
		return werr_set(err, WERR_LIMIT, "a VHDX can't have %s: at most 64 TiB",
			str_exact_size(text, v->disk->size));
	/* Linux's file systems spread what they write, and 1 MiB is the least. */
	v->block = MIB;
	while (v->size / v->block > BLOCKS_MAX)
		v->block *= 2;
	blocks = disk_divide_up(v->size, v->block);
	v->n_entries = blocks + (blocks ? (blocks - 1) / chunk_of(v->block) : 0);
	v->table_size = disk_divide_up(v->n_entries * 8 + 1, MIB) * MIB;
	v->data_at = TABLE_AT + v->table_size;
	disk_runs_find(v->disk, v->block, &v->runs);
	return r;
}

/* 2.5: the entry of a chunk's bitmap follows those of its blocks. */
static void put_entry(struct disk_cursor *c, uint64_t i, unsigned char *p)
{
	uint64_t chunk = chunk_of(c->runs->block);
	uint64_t block = i - i / (chunk + 1);

	if (i % (chunk + 1) == chunk || !disk_cursor_used(c, block, block + 1))
		return;
	le64_put(p, c->next | VHDX_PRESENT);
	c->next += c->runs->block;
}

static int write_vhdx(
	const struct extents *d, const struct disk_options *o, struct writer *to, struct werr **err)
{
	CLEANUP(vhdx) struct vhdx v = {.disk = d, .options = o};
	int r = lay_out(&v, err);

	if (r == 0)
		r = write_head(&v, to, err);
	if (r == 0)
		r = write_metadata(&v, to, err);
	if (r == 0)
		r = disk_write_table((struct disk_cursor){&v.runs, 0, v.data_at}, put_entry,
			v.n_entries, 8, to, err);
	if (r == 0)
		r = writer_skip(to, v.table_size - v.n_entries * 8, err);
	for (size_t i = 0; r == 0 && i < v.runs.n; i++)
		r = extents_write(
			d, v.runs.items[i].first * v.block, v.runs.items[i].end * v.block, to, err);
	return r;
}

const struct disk_format disk_vhdx = {.name = "vhdx", .unit = MIB, .write = write_vhdx};
