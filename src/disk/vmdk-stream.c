/* SPDX-License-Identifier: Apache-2.0 */
/*
 * VMware, Virtual Disk Format 1.1, the kind "streamOptimized": header, descriptor, then compressed
 * grains, each table after the grains that it has, the directory, and a footer that says where that
 * is. Each has a marker in front.
 */
#include <inttypes.h>

#include "base/endian.h"
#include "base/mem.h"
#include "disk/vmdk-impl.h"

enum { MARK_END, MARK_TABLE, MARK_DIRECTORY, MARK_FOOTER };

struct stream {
	struct vmdk_places places;
	struct writer *to;
	uint64_t at;         /* sectors written */
	uint32_t *directory; /* places of tables; 0: there is none */
	uint64_t table;      /* the one that grains are being added to; only if has_table */
	bool has_table;
	unsigned char entries[VMDK_ENTRIES * 4];
};

static void stream_cleanup(struct stream *s)
{
	free(s->directory);
}

static int write_sectors(struct stream *s, const void *p, size_t size, struct werr **err)
{
	static const char zeros[DISK_SECTOR];
	size_t odd = size % DISK_SECTOR;
	int r = writer_write(s->to, p, size, err);

	s->at += disk_divide_up(size, DISK_SECTOR);
	return r < 0 || odd == 0 ? r : writer_write(s->to, zeros, DISK_SECTOR - odd, err);
}

static int write_marker(struct stream *s, uint64_t sectors, unsigned type, struct werr **err)
{
	unsigned char marker[DISK_SECTOR] = {0};

	le64_put(marker, sectors);
	marker[12] = (unsigned char)type;
	return write_sectors(s, marker, sizeof(marker), err);
}

/* The table is complete. */
static int end_table(struct stream *s, struct werr **err)
{
	int r = s->has_table ? write_marker(s, VMDK_TABLE, MARK_TABLE, err) : 0;

	if (r < 0 || !s->has_table)
		return r;
	s->directory[s->table] = (uint32_t)s->at;
	r = write_sectors(s, s->entries, sizeof(s->entries), err);
	memset(s->entries, 0, sizeof(s->entries));
	s->has_table = false;
	return r;
}

/* A disk_packer's. */
static int take(void *ctx, const struct disk_block *b, struct werr **err)
{
	struct stream *s = ctx;
	unsigned char marker[VMDK_MARK];
	size_t whole = VMDK_MARK + b->size, odd = whole % DISK_SECTOR;
	int r = s->has_table && s->table != b->i / VMDK_ENTRIES ? end_table(s, err) : 0;

	if (r < 0)
		return r;
	s->has_table = true;
	s->table = b->i / VMDK_ENTRIES;
	le32_put(s->entries + b->i % VMDK_ENTRIES * 4, (uint32_t)s->at);
	le64_put(marker, b->i * VMDK_GRAIN);
	le32_put(marker + 8, (uint32_t)b->size);
	r = writer_write(s->to, marker, sizeof(marker), err);
	if (r == 0)
		r = writer_write(s->to, b->bytes, b->size, err);
	s->at += disk_divide_up(whole, DISK_SECTOR);
	return r < 0 || odd == 0 ? r : writer_fill(s->to, 0, DISK_SECTOR - odd, err);
}

static int write_directory(struct stream *s, uint64_t tables, struct werr **err)
{
	int r = write_marker(s, disk_divide_up(tables * 4, DISK_SECTOR), MARK_DIRECTORY, err);

	s->places.directory = s->at;
	for (uint64_t i = 0; i < tables; i++)
		s->directory[i] = htole32(s->directory[i]);
	return r < 0 ? r : write_sectors(s, s->directory, tables * 4, err);
}

static int write_end(struct stream *s, struct werr **err)
{
	unsigned char footer[VMDK_HEADER_BYTES];
	int r = write_marker(s, 1, MARK_FOOTER, err);

	vmdk_make_header(VMDK_STREAM, &s->places, footer);
	if (r == 0)
		r = write_sectors(s, footer, sizeof(footer), err);
	return r < 0 ? r : write_marker(s, 0, MARK_END, err);
}

static int write_stream(
	const struct extents *d, const struct disk_options *o, struct writer *to, struct werr **err)
{
	CLEANUP(stream)
	struct stream s = {.to = to,
		.at = VMDK_GRAIN,
		.places = {.directory = VMDK_AT_END, .grains = VMDK_GRAIN}};
	const struct disk_packer packer = {.packing = DISK_PACK_ZLIB,
		.always = true,
		.threads = o->threads,
		.block = VMDK_GRAIN_BYTES,
		.take = take,
		.ctx = &s};
	uint64_t tables;
	int r = vmdk_find_size(d, &s.places, err);

	if (r < 0)
		return r;
	tables = vmdk_count_tables(&s.places);
	s.directory = mem_new_array(uint32_t, (size_t)tables);
	r = vmdk_write_head(VMDK_STREAM, &s.places, o, to, err);
	if (r == 0)
		r = writer_fill(to, 0, (VMDK_GRAIN - VMDK_HEAD) * DISK_SECTOR, err);
	if (r == 0)
		r = disk_pack(d, &packer, err);
	if (r == 0)
		r = end_table(&s, err);
	if (r == 0)
		r = write_directory(&s, tables, err);
	return r < 0 ? r : write_end(&s, err);
}

const struct disk_format disk_stream_vmdk = {
	.name = "stream-vmdk", .unit = VMDK_GRAIN_BYTES, .write = write_stream};
