/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Microsoft, Virtual Hard Disk Image Format Specification, 1.0. A dynamic disk is: footer, header,
 * block allocation table, blocks, footer; a fixed one the disk and the footer.
 */
#include <inttypes.h>

#include "base/endian.h"
#include "base/mem.h"
#include "base/str.h"
#include "disk/disk-impl.h"
#include "disk/vhd-format.h"

enum {
	TABLE_AT = VHD_FOOTER + VHD_HEADER,
	BLOCK = 2 << 20,
	BITMAP = BLOCK / DISK_SECTOR / 8, /* in front of each block: which sectors are there */
	ALIGN = 4096,                     /* of a block in the file, so that holes stay holes */
	UNIT = 1 << 20,                   /* what Azure asks for */
};
#define SIZE_MAX_VHD ((uint64_t)2040 << 30)

/* One's complement of the sum of all bytes. */
static uint32_t checksum(const unsigned char *p, size_t size)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < size; i++)
		sum += p[i];
	return ~sum;
}

/*
 * The specification's appendix. The product may be somewhat less than the size, by which programs
 * go since Virtual PC.
 */
static void put_geometry(unsigned char *p, uint64_t sectors)
{
	enum { CYLINDERS_MAX = 65535, HEADS_MAX = 16 };
	uint64_t max = (uint64_t)CYLINDERS_MAX * HEADS_MAX * 255;
	uint64_t track, heads = HEADS_MAX, tracks;

	if (sectors > max)
		sectors = max;
	track = sectors >= (uint64_t)CYLINDERS_MAX * HEADS_MAX * 63 ? 255 : 17;
	tracks = sectors / track;
	if (track == 17) {
		heads = (tracks + 1023) / 1024;
		heads = heads < 4 ? 4 : heads;
		if (tracks >= heads * 1024 || heads > HEADS_MAX) {
			heads = HEADS_MAX;
			track = sectors / 31 >= (uint64_t)HEADS_MAX * 1024 ? 63 : 31;
			tracks = sectors / track;
		}
	}
	be16_put(p, (uint16_t)(tracks / heads));
	p[2] = (unsigned char)heads;
	p[3] = (unsigned char)track;
}

static void make_footer(
	unsigned char *p, uint64_t size, unsigned type, const struct disk_options *o)
{
	memset(p, 0, VHD_FOOTER);
	memcpy(p, VHD_MAGIC, VHD_MAGIC_SIZE);
	be32_put(p + VHD_FEATURES_AT, 2); /* features: a bit that is always set */
	be32_put(p + VHD_VERSION_AT, 1 << 16);
	be64_put(p + VHD_HEADER_AT, type == VHD_DYNAMIC ? VHD_FOOTER : UINT64_MAX);
	/*
	 * Who made it, and where. QEMU takes the geometry for the size unless it is one of those
	 * that do not.
	 */
	memcpy(p + VHD_CREATOR_AT, "win ", 4);
	be32_put(p + VHD_CREATOR_NUMBER_AT, 6 << 16);
	memcpy(p + VHD_CREATOR_SYSTEM_AT, "Wi2k", 4);
	be64_put(p + VHD_FIRST_SIZE_AT, size);
	be64_put(p + VHD_SIZE_AT, size);
	put_geometry(p + VHD_GEOMETRY_AT, size / DISK_SECTOR);
	be32_put(p + VHD_TYPE_AT, type);
	disk_make_guid(o, 0, p + VHD_GUID_AT);
	be32_put(p + VHD_CHECKSUM_AT, checksum(p, VHD_FOOTER));
}

static int find_size(const struct extents *d, uint64_t *ret, struct werr **err)
{
	int r = disk_whole_size(d, UNIT, ret, err);
	char text[32];

	if (r == 0 && *ret > SIZE_MAX_VHD)
		return werr_set(err, WERR_LIMIT, "a VHD can't have %s: at most 2040 GiB",
			str_exact_size(text, d->size));
	return r;
}

static int write_fixed(
	const struct extents *d, const struct disk_options *o, struct writer *to, struct werr **err)
{
	unsigned char footer[VHD_FOOTER];
	uint64_t size = 0;
	int r = find_size(d, &size, err);

	if (r == 0)
		r = extents_write(d, 0, size, to, err);
	if (r < 0)
		return r;
	make_footer(footer, size, VHD_FIXED, o);
	return writer_write(to, footer, VHD_FOOTER, err);
}

/* ---- dynamic disks ---- */

/* Where the bitmap of the n-th block of a file is, which the block follows. */
static uint64_t bitmap_at(uint64_t n_entries, uint64_t n)
{
	uint64_t table_end = TABLE_AT + n_entries * 4;
	uint64_t first = disk_divide_up(table_end + BITMAP, ALIGN) * ALIGN;

	return first + n * (BLOCK + ALIGN) - BITMAP;
}

struct dynamic {
	const struct extents *disk;
	struct disk_runs runs;
	uint64_t size, n_entries;
};

static void dynamic_cleanup(struct dynamic *v)
{
	disk_runs_cleanup(&v->runs);
}

static void put_entry(struct disk_cursor *c, uint64_t i, unsigned char *p)
{
	uint32_t sector = VHD_NO_BLOCK;

	/* next is the bitmap's place here. */
	if (disk_cursor_used(c, i, i + 1)) {
		sector = (uint32_t)(c->next / DISK_SECTOR);
		c->next += BLOCK + ALIGN;
	}
	be32_put(p, sector);
}

static int write_head(
	const struct dynamic *v, const unsigned char *footer, struct writer *to, struct werr **err)
{
	unsigned char header[VHD_HEADER] = VHD_HEADER_MAGIC;
	int r = writer_write(to, footer, VHD_FOOTER, err);

	be64_put(header + VHD_NEXT_AT, UINT64_MAX);
	be64_put(header + VHD_TABLE_AT, TABLE_AT);
	be32_put(header + VHD_HEADER_VERSION_AT, 1 << 16);
	be32_put(header + VHD_ENTRIES_AT, (uint32_t)v->n_entries);
	be32_put(header + VHD_BLOCK_AT, BLOCK);
	be32_put(header + VHD_HEADER_CHECKSUM_AT, checksum(header, VHD_HEADER));
	if (r == 0)
		r = writer_write(to, header, VHD_HEADER, err);
	if (r == 0)
		r = disk_write_table((struct disk_cursor){&v->runs, 0, bitmap_at(v->n_entries, 0)},
			put_entry, v->n_entries, 4, to, err);
	return r;
}

/* at: how far the file has come. */
static int write_block(const struct dynamic *v, uint64_t block, uint64_t n, uint64_t *at,
	struct writer *to, struct werr **err)
{
	uint64_t bitmap = bitmap_at(v->n_entries, n);
	int r = writer_skip(to, bitmap - *at, err);

	/* Some readers take a sector that is not there for one of another disk. */
	if (r == 0)
		r = writer_fill(to, '\377', BITMAP, err);
	*at = bitmap + BITMAP + BLOCK;
	return r < 0 ? r : extents_write(v->disk, block * BLOCK, (block + 1) * BLOCK, to, err);
}

static int write_blocks(const struct dynamic *v, struct writer *to, struct werr **err)
{
	uint64_t at = TABLE_AT + v->n_entries * 4, n = 0;
	uint64_t end = disk_divide_up(at, DISK_SECTOR) * DISK_SECTOR;
	int r = 0;

	for (size_t i = 0; i < v->runs.n; i++)
		for (uint64_t b = v->runs.items[i].first; r == 0 && b < v->runs.items[i].end; b++)
			r = write_block(v, b, n++, &at, to, err);
	if (r < 0 || n > 0)
		return r;
	return writer_skip(to, end - at, err);
}

static int write_dynamic(
	const struct extents *d, const struct disk_options *o, struct writer *to, struct werr **err)
{
	CLEANUP(dynamic) struct dynamic v = {.disk = d};
	unsigned char footer[VHD_FOOTER];
	int r = find_size(d, &v.size, err);

	if (r < 0)
		return r;
	v.n_entries = disk_divide_up(v.size, BLOCK);
	disk_runs_find(d, BLOCK, &v.runs);
	make_footer(footer, v.size, VHD_DYNAMIC, o);
	r = write_head(&v, footer, to, err);
	if (r == 0)
		r = write_blocks(&v, to, err);
	return r < 0 ? r : writer_write(to, footer, VHD_FOOTER, err);
}

const struct disk_format disk_vhd = {.name = "vhd", .unit = UNIT, .write = write_fixed};
const struct disk_format disk_dynamic_vhd = {
	.name = "dynamic-vhd", .unit = UNIT, .write = write_dynamic};
