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

enum {
	KIB = 1024,
	MIB = KIB * KIB,
	PART = 64 * KIB, /* of the first MiB: each structure has one */
	HEADER = 4 * KIB,
	LOG_AT = MIB,
	METADATA_AT = 2 * MIB,
	TABLE_AT = 3 * MIB,
	GUID = DISK_GUID,
	ENTRY = 32,           /* of the region table, and of the metadata's */
	BLOCKS_MAX = 1 << 20, /* larger disks have larger blocks */
	PRESENT = 6,          /* state of a block */
	REQUIRED = 4,
	OF_DISK = 2, /* flags of metadata */
};
#define SIZE_MAX_VHDX ((uint64_t)64 << 40)

typedef unsigned char guid[GUID];

static const guid table_region = {0x66, 0x77, 0xc2, 0x2d, 0x23, 0xf6, 0x00, 0x42, 0x9d, 0x64, 0x11,
	0x5e, 0x9b, 0xfd, 0x4a, 0x08};
static const guid metadata_region = {0x06, 0xa2, 0x7c, 0x8b, 0x90, 0x47, 0x9a, 0x4b, 0xb8, 0xfe,
	0x57, 0x5f, 0x05, 0x0f, 0x88, 0x6e};

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

static void put_region(unsigned char *p, const guid id, uint64_t at, uint64_t size)
{
	memcpy(p, id, GUID);
	le64_put(p + 16, at);
	le32_put(p + 24, (uint32_t)size);
	le32_put(p + 28, 1); /* required */
}

/* 2.2.3 */
static void make_regions(const struct vhdx *v, unsigned char *p)
{
	memcpy(p, "regi", 4);
	le32_put(p + 8, 2);
	put_region(p + 16, table_region, TABLE_AT, v->table_size);
	put_region(p + 16 + ENTRY, metadata_region, METADATA_AT, MIB);
	le32_put(p + 4, crc32c(p, PART));
}

/* Each of them has something in its first 4 KiB only. */
static int write_parts(const unsigned char *p, size_t n, struct writer *to, struct werr **err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < n; i++) {
		r = writer_write(to, p + i * PART, HEADER, err);
		if (r == 0)
			r = writer_skip(to, PART - HEADER, err);
	}
	return r;
}

static int write_head(const struct vhdx *v, struct writer *to, struct werr **err)
{
	CLEANUP(free) unsigned char *p = mem_alloc(5 * (size_t)PART);
	int r;

	memcpy(p, "vhdxfile", 8);
	for (size_t i = 0; i < 6; i++)
		le16_put(p + 8 + 2 * i, (uint16_t) "wherry"[i]);
	make_header(v, p + PART, 1);
	make_header(v, p + 2 * (size_t)PART, 2);
	make_regions(v, p + 3 * (size_t)PART);
	memcpy(p + 4 * (size_t)PART, p + 3 * (size_t)PART, PART);
	r = write_parts(p, 5, to, err);
	return r < 0 ? r : writer_skip(to, METADATA_AT - 5 * PART, err);
}

/* ---- metadata (2.6) ---- */

/* An item's entry, and its bytes from *at on, which moves. */
static void put_item(unsigned char *table, unsigned n, const guid id, uint32_t flags,
	const void *bytes, uint32_t size, uint32_t *at)
{
	unsigned char *p = table + (size_t)ENTRY * (1 + n);

	memcpy(p, id, GUID);
	le32_put(p + 16, *at);
	le32_put(p + 20, size);
	le32_put(p + 24, flags);
	memcpy(table + *at, bytes, size);
	*at += size;
}

static int write_metadata(const struct vhdx *v, struct writer *to, struct werr **err)
{
	static const guid parameters = {0x37, 0x67, 0xa1, 0xca, 0x36, 0xfa, 0x43, 0x4d, 0xb3, 0xb6,
		0x33, 0xf0, 0xaa, 0x44, 0xe7, 0x6b};
	static const guid disk_size = {0x24, 0x42, 0xa5, 0x2f, 0x1b, 0xcd, 0x76, 0x48, 0xb2, 0x11,
		0x5d, 0xbe, 0xd8, 0x3b, 0xf4, 0xb8};
	static const guid page_83 = {0xab, 0x12, 0xca, 0xbe, 0xe6, 0xb2, 0x23, 0x45, 0x93, 0xef,
		0xc3, 0x09, 0xe0, 0x00, 0xc7, 0x46};
	static const guid logical = {0x1d, 0xbf, 0x41, 0x81, 0x6f, 0xa9, 0x09, 0x47, 0xba, 0x47,
		0xf2, 0x33, 0xa8, 0xfa, 0xab, 0x5f};
	static const guid physical = {0xc7, 0x48, 0xa3, 0xcd, 0x5d, 0x44, 0x71, 0x44, 0x9c, 0xc9,
		0xe9, 0x88, 0x52, 0x51, 0xc5, 0x56};
	CLEANUP(free) unsigned char *p = mem_alloc(2 * (size_t)PART);
	unsigned char numbers[8 + 8 + 4 + 4] = {0};
	uint32_t at = PART;
	guid id;
	int r;

	memcpy(p, "metadata", 8);
	le16_put(p + 10, 5);
	le32_put(numbers, (uint32_t)v->block);
	le64_put(numbers + 8, v->size);
	le32_put(numbers + 16, DISK_SECTOR);
	le32_put(numbers + 20, 4096);
	disk_make_guid(v->options, 2, id);
	put_item(p, 0, parameters, REQUIRED, numbers, 8, &at);
	put_item(p, 1, disk_size, REQUIRED | OF_DISK, numbers + 8, 8, &at);
	put_item(p, 2, page_83, REQUIRED | OF_DISK, id, GUID, &at);
	put_item(p, 3, logical, REQUIRED | OF_DISK, numbers + 16, 4, &at);
	put_item(p, 4, physical, REQUIRED | OF_DISK, numbers + 20, 4, &at);
	r = write_parts(p, 2, to, err);
	return r < 0 ? r : writer_skip(to, MIB - 2 * PART, err);
}

/* ---- blocks ---- */

/* How many blocks share a bitmap of sectors, which only differences to other disks have. */
static uint64_t chunk_of(uint64_t block)
{
	return ((uint64_t)DISK_SECTOR << 23) / block;
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
	le64_put(p, c->next | PRESENT);
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
