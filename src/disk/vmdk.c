/* SPDX-License-Identifier: Apache-2.0 */
/*
 * VMware, Virtual Disk Format 1.1: a sparse extent with its descriptor in one file. What both kinds
 * have, and the kind "monolithicSparse": header, descriptor, directory and tables twice, grains.
 */
#include <inttypes.h>

#include "base/buf.h"
#include "base/cancel.h"
#include "base/endian.h"
#include "base/mem.h"
#include "base/str.h"
#include "disk/vmdk-impl.h"

#define SECTORS_MAX ((uint64_t)UINT32_MAX / VMDK_GRAIN * VMDK_GRAIN)

int vmdk_find_size(const struct extents *d, struct vmdk_places *ret, struct werr **err)
{
	uint64_t size = 0;
	char text[32];
	int r = disk_whole_size(d, VMDK_GRAIN_BYTES, &size, err);

	ret->sectors = size / DISK_SECTOR;
	/* Tables have 32 bits for a place in the file, where also they and what's around are. */
	if (r == 0 && ret->sectors > SECTORS_MAX - ret->sectors / VMDK_GRAIN)
		return werr_set(err, WERR_LIMIT, "a VMDK can't have %s: at most 2 TiB less 1%%",
			str_exact_size(text, d->size));
	return r;
}

void vmdk_make_header(enum vmdk_kind kind, const struct vmdk_places *p, unsigned char *ret)
{
	enum { DEFLATE = 1 };
	bool stream = kind == VMDK_STREAM;

	memset(ret, 0, VMDK_HEADER_BYTES);
	memcpy(ret, VMDK_MAGIC, 4);
	le32_put(ret + VMDK_VERSION_AT, stream ? 3 : 1);
	le32_put(ret + VMDK_FLAGS_AT,
		VMDK_HAS_LINES | (stream ? VMDK_PACKED | VMDK_HAS_MARKERS : VMDK_HAS_SPARE));
	le64_put(ret + VMDK_CAPACITY_AT, p->sectors);
	le64_put(ret + VMDK_GRAIN_SIZE_AT, VMDK_GRAIN);
	le64_put(ret + VMDK_TEXT_PLACE_AT, VMDK_TEXT_AT);
	le64_put(ret + VMDK_TEXT_SIZE_AT, VMDK_TEXT);
	le32_put(ret + VMDK_TABLE_ENTRIES_AT, VMDK_ENTRIES);
	le64_put(ret + VMDK_SPARE_AT, p->spare);
	le64_put(ret + VMDK_DIRECTORY_AT, p->directory);
	le64_put(ret + VMDK_GRAINS_AT, p->grains);
	/* These show whether somebody has converted the ends of lines. */
	memcpy(ret + VMDK_LINES_AT, "\n \r\n", 4);
	le16_put(ret + VMDK_CODEC_AT, stream ? DEFLATE : 0);
}

/*
 * Other tools put the file's own name into the extent's line; it is not looked at, as the extent is
 * this file. A stream is only read. The CID is the end of the long one.
 */
static void make_text(enum vmdk_kind kind, const struct vmdk_places *p,
	const struct disk_options *o, struct buf *ret)
{
	enum { HEADS = 255, TRACK = 63 };
	bool stream = kind == VMDK_STREAM;
	unsigned char id[DISK_GUID];
	char hex[2 * DISK_GUID + 1];

	disk_make_guid(o, 0, id);
	/* These two values of a CID mean something. */
	if (be32_get(id + 12) == 0 || be32_get(id + 12) >= UINT32_MAX - 1)
		id[15] ^= 8;
	buf_puts(ret, "# Disk DescriptorFile\nversion=1\n");
	buf_printf(ret, "CID=%08" PRIx32 "\nparentCID=ffffffff\ncreateType=\"%s\"\n\n",
		be32_get(id + 12), stream ? "streamOptimized" : "monolithicSparse");
	buf_printf(ret, "# Extent description\n%s %" PRIu64 " SPARSE \"disk.vmdk\"\n\n",
		stream ? "RDONLY" : "RW", p->sectors);
	buf_puts(ret, "# The Disk Data Base\n#DDB\n\nddb.virtualHWVersion = \"6\"\n");
	buf_printf(ret, "ddb.geometry.cylinders = \"%" PRIu64 "\"\n",
		disk_divide_up(p->sectors, HEADS * TRACK));
	buf_printf(
		ret, "ddb.geometry.heads = \"%d\"\nddb.geometry.sectors = \"%d\"\n", HEADS, TRACK);
	str_hex(hex, id, sizeof(id));
	buf_printf(ret, "ddb.adapterType = \"lsilogic\"\nddb.longContentID = \"%s\"\n", hex);
}

int vmdk_write_head(enum vmdk_kind kind, const struct vmdk_places *p, const struct disk_options *o,
	struct writer *to, struct werr **err)
{
	enum { TEXT = VMDK_TEXT * DISK_SECTOR };
	CLEANUP(buf) struct buf text = BUF_INIT(TEXT);
	unsigned char header[VMDK_HEADER_BYTES];
	int r;

	vmdk_make_header(kind, p, header);
	make_text(kind, p, o, &text);
	r = writer_write(to, header, sizeof(header), err);
	if (r == 0)
		r = writer_write(to, buf_str(&text), text.len, err);
	return r < 0 ? r : writer_skip(to, TEXT - text.len, err);
}

/* ---- monolithicSparse ---- */

static uint64_t directory_sectors(uint64_t tables)
{
	return disk_divide_up(tables * 4, DISK_SECTOR);
}

/* An entry of the directory, whose tables follow one another; all of them are there. */
static void put_table_place(struct disk_cursor *c, ATTR_UNUSED uint64_t i, unsigned char *p)
{
	le32_put(p, (uint32_t)c->next);
	c->next += VMDK_TABLE;
}

static void put_grain_place(struct disk_cursor *c, uint64_t i, unsigned char *p)
{
	if (!disk_cursor_used(c, i, i + 1))
		return;
	le32_put(p, (uint32_t)c->next);
	c->next += VMDK_GRAIN;
}

/* A directory at a place, and all tables behind it. */
static int write_directory(const struct vmdk_places *p, uint64_t at, const struct disk_runs *runs,
	struct writer *to, struct werr **err)
{
	uint64_t tables = vmdk_count_tables(p), sectors = directory_sectors(tables);
	int r = disk_write_table(
		(struct disk_cursor){.next = at + sectors}, put_table_place, tables, 4, to, err);

	if (r == 0)
		r = writer_skip(to, sectors * DISK_SECTOR - tables * 4, err);
	return r < 0 ? r
		     : disk_write_table((struct disk_cursor){runs, 0, p->grains}, put_grain_place,
			       tables * VMDK_ENTRIES, 4, to, err);
}

static int write_vmdk(
	const struct extents *d, const struct disk_options *o, struct writer *to, struct werr **err)
{
	CLEANUP(disk_runs) struct disk_runs runs = {0};
	struct vmdk_places p = {.spare = VMDK_HEAD};
	uint64_t each, end;
	int r = vmdk_find_size(d, &p, err);

	if (r < 0)
		return r;
	each = directory_sectors(vmdk_count_tables(&p)) + vmdk_count_tables(&p) * VMDK_TABLE;
	p.directory = p.spare + each;
	end = p.directory + each;
	p.grains = disk_divide_up(end, VMDK_GRAIN) * VMDK_GRAIN;
	disk_runs_find(d, VMDK_GRAIN_BYTES, &runs);
	r = vmdk_write_head(VMDK_SPARSE, &p, o, to, err);
	if (r == 0)
		r = write_directory(&p, p.spare, &runs, to, err);
	if (r == 0)
		r = write_directory(&p, p.directory, &runs, to, err);
	if (r == 0)
		r = writer_skip(to, (p.grains - end) * DISK_SECTOR, err);
	for (size_t i = 0; r == 0 && i < runs.n; i++)
		r = extents_write(d, runs.items[i].first * VMDK_GRAIN_BYTES,
			runs.items[i].end * VMDK_GRAIN_BYTES, to, err);
	return r;
}

const struct disk_format disk_vmdk = {
	.name = "vmdk", .unit = VMDK_GRAIN_BYTES, .write = write_vmdk};
