/* SPDX-License-Identifier: Apache-2.0 */
#include "disk/gpt.h"

#include <inttypes.h>
#include <string.h>

#include "base/endian.h"
#include "base/utf8.h"
#include "contract/gpthead.h"

enum { ENTRIES = GPT_PARTITIONS_MAX * GPTHEAD_ENTRY };

const struct guid gpt_type_esp = {{0xc1, 0x2a, 0x73, 0x28, 0xf8, 0x1f, 0x11, 0xd2, 0xba, 0x4b, 0x00,
	0xa0, 0xc9, 0x3e, 0xc9, 0x3b}};
const struct guid gpt_type_bios_boot = {{0x21, 0x68, 0x61, 0x48, 0x64, 0x49, 0x6e, 0x6f, 0x74, 0x4e,
	0x65, 0x65, 0x64, 0x45, 0x46, 0x49}};
const struct guid gpt_type_data = {{0xeb, 0xd0, 0xa0, 0xa2, 0xb9, 0xe5, 0x44, 0x33, 0x87, 0xc0,
	0x68, 0xb6, 0xb7, 0x26, 0x99, 0xc7}};
const struct guid gpt_type_linux = {{0x0f, 0xc6, 0x3d, 0xaf, 0x84, 0x83, 0x47, 0x72, 0x8e, 0x79,
	0x3d, 0x69, 0xd8, 0x47, 0x7d, 0xe4}};

#define PLACE_MAX ((uint64_t)INT64_MAX - (uint64_t)2 * GPT_ALIGN)

static uint64_t round_up(uint64_t n, uint64_t to)
{
	return (n + to - 1) / to * to;
}

int gpt_place(struct gpt_partition *partitions, size_t n, uint64_t *ret, struct werr **err)
{
	uint64_t at = GPT_ALIGN;

	for (size_t i = 0; i < n; i++) {
		partitions[i].at = at;
		if (at > PLACE_MAX || partitions[i].size > PLACE_MAX - at)
			return werr_set(err, WERR_LIMIT, "partitions of %" PRIu64 " bytes",
				partitions[i].size);
		at += partitions[i].size;
		if (i + 1 < n)
			at = round_up(at, GPT_ALIGN);
	}
	*ret = round_up(at + (uint64_t)GPT_TAIL * DISK_SECTOR, GPT_UNIT);
	return 0;
}

/* ---- entries ---- */

static int put_name(unsigned char *to, const char *name, struct werr **err)
{
	uint16_t units[GPT_NAME_MAX];
	int n = utf8_to_utf16(name, strlen(name), units, GPT_NAME_MAX);

	if (n < 0 || n > GPT_NAME_MAX)
		return werr_set(err, WERR_INVALID, "a partition can't be called '%s'", name);
	for (int i = 0; i < n; i++)
		le16_put(to + 2 * (size_t)i, units[i]);
	return 0;
}

static int put_entry(unsigned char *to, const struct gpt_partition *p, struct werr **err)
{
	guid_put_mixed(to, &p->type);
	guid_put_mixed(to + 16, &p->id);
	le64_put(to + 32, p->at / DISK_SECTOR);
	le64_put(to + 40, (p->at + p->size) / DISK_SECTOR - 1);
	le64_put(to + 48, p->attributes);
	return p->name ? put_name(to + 56, p->name, err) : 0;
}

/* Each in whole sectors, after the one before and between the tables. */
static int check_places(const struct gpt *g, uint64_t disk_size, struct werr **err)
{
	uint64_t free_at = (uint64_t)GPT_HEAD * DISK_SECTOR, least;

	if (g->n > GPT_PARTITIONS_MAX)
		return werr_set(err, WERR_LIMIT, "%zu partitions: a disk has at most %d", g->n,
			GPT_PARTITIONS_MAX);
	for (size_t i = 0; i < g->n; i++) {
		const struct gpt_partition *p = &g->partitions[i];

		if (p->size == 0 || p->size % DISK_SECTOR || p->at % DISK_SECTOR ||
			p->at < free_at || p->at > PLACE_MAX || p->size > PLACE_MAX - p->at)
			return werr_set(err, WERR_LIMIT,
				"a partition of %" PRIu64 " bytes can't be at %" PRIu64, p->size,
				p->at);
		free_at = p->at + p->size;
	}
	least = free_at + (uint64_t)GPT_TAIL * DISK_SECTOR;
	if (disk_size < least || disk_size % DISK_SECTOR)
		return werr_set(err, WERR_LIMIT,
			"a disk of %" PRIu64 " bytes: its partitions need %" PRIu64, disk_size,
			least);
	return 0;
}

/* ---- tables ---- */

/* at: its sector, other: that of the other one, entries: where its entries begin. */
static void put_header(unsigned char *to, const struct gpt *g, uint64_t sectors, uint64_t at,
	uint64_t other, uint64_t entries, uint32_t entries_crc)
{
	struct gpthead h = {
		.at = at,
		.other = other,
		.first = GPT_HEAD,
		.last = sectors - GPT_TAIL - 1,
		.entries_at = entries,
		.n = GPT_PARTITIONS_MAX,
		.entry_size = GPTHEAD_ENTRY,
		.entries_crc = entries_crc,
	};

	guid_put_mixed(h.id, &g->id);
	gpthead_put(to, &h);
}

static void put_protective(unsigned char *to, const struct gpt *g, uint64_t sectors)
{
	if (g->boot_code)
		memcpy(to, g->boot_code, g->boot_code_size);
	gpthead_put_protective(to, sectors);
	to[446] = g->is_active ? 0x80 : 0;
}

int gpt_put(const struct gpt *g, struct extents *disk, struct werr **err)
{
	uint64_t sectors = disk->size / DISK_SECTOR;
	unsigned char *head, *entries, *tail;
	size_t used = g->n * GPTHEAD_ENTRY;
	uint32_t crc;
	int r = check_places(g, disk->size, err);

	if (r == 0 && g->boot_code_size > GPT_BOOT_CODE_MAX)
		r = werr_set(err, WERR_LIMIT, "boot code of %zu bytes", g->boot_code_size);
	if (r < 0)
		return r;
	head = extents_alloc(disk, (size_t)GPT_HEAD * DISK_SECTOR);
	tail = extents_alloc(disk, DISK_SECTOR);
	entries = head + (size_t)2 * DISK_SECTOR;
	for (size_t i = 0; r == 0 && i < g->n; i++)
		r = put_entry(entries + i * GPTHEAD_ENTRY, &g->partitions[i], err);
	if (r < 0)
		return r;
	crc = gpthead_crc32(entries, ENTRIES);
	put_protective(head, g, sectors);
	put_header(head + DISK_SECTOR, g, sectors, 1, sectors - 1, 2, crc);
	put_header(tail, g, sectors, sectors - 1, 1, sectors - GPT_TAIL, crc);
	/* Unused entries are zeros. */
	r = extents_add_bytes(disk, 0, head, (size_t)2 * DISK_SECTOR + used, err);
	if (r == 0)
		r = extents_add_bytes(disk, (sectors - GPT_TAIL) * DISK_SECTOR, entries, used, err);
	if (r == 0)
		r = extents_add_bytes(disk, (sectors - 1) * DISK_SECTOR, tail, DISK_SECTOR, err);
	return r;
}
