/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/gptable.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/endian.h"
#include "base/io.h"
#include "base/mem.h"

enum {
	LIST_MAX = 64 << 10, /* bytes of a list of entries */
	NEW_ENTRIES = 128,
	HEADER_AT = 1, /* sectors */
	LIST_AT = 2,
	/* In an entry: its id, first and last sector, and name. */
	ID_AT = 16,
	FIRST_AT = 32,
	LAST_AT = 40,
	/* In the first sector. */
	PROTECTIVE_AT = 446,
	TYPE_AT = 4,
	MAGIC_AT = 510,
};
/* As on the disk: 0FC63DAF-8483-4772-8E79-3D69D8477DE4, CA7D7CCB-63ED-4C53-861C-1742536059CC. */
static const unsigned char of_linux[GPTHEAD_GUID] = {0xaf, 0x3d, 0xc6, 0x0f, 0x83, 0x84, 0x72, 0x47,
	0x8e, 0x79, 0x3d, 0x69, 0xd8, 0x47, 0x7d, 0xe4};
static const unsigned char of_luks[GPTHEAD_GUID] = {0xcb, 0x7c, 0x7d, 0xca, 0xed, 0x63, 0x53, 0x4c,
	0x86, 0x1c, 0x17, 0x42, 0x53, 0x60, 0x59, 0xcc};

void gptable_cleanup(struct gptable *g)
{
	free(g->entries);
	g->entries = NULL;
}

bool gptable_is_named(const unsigned char first[static PARTTABLE_SIZE])
{
	bool found = false;

	for (size_t i = 0; i < 4; i++)
		found = found || first[PROTECTIVE_AT + 16 * i + TYPE_AT] == GPTHEAD_PROTECTIVE;
	return found && first[MAGIC_AT] == 0x55 && first[MAGIC_AT + 1] == 0xaa;
}

/* Sectors of the list. */
static uint64_t list_sectors(const struct parttable *t, const struct gptable *g)
{
	return (g->size + t->sector - 1) / t->sector;
}

/* ---- reading ---- */

static int check(
	const struct gpthead *h, const char *path, const struct parttable *t, struct werr **err)
{
	uint64_t sectors = t->disk / t->sector, room;

	if (h->entry_size != GPTHEAD_ENTRY || h->n == 0 || h->n > LIST_MAX / GPTHEAD_ENTRY)
		return werr_set(err, WERR_UNSUPPORTED, "%s has a GPT with %u entries of %u bytes",
			path, (unsigned)h->n, (unsigned)h->entry_size);
	room = (h->n * GPTHEAD_ENTRY + t->sector - 1) / t->sector;
	if (h->at != HEADER_AT || h->entries_at < LIST_AT || h->first > h->last ||
		h->last >= sectors || h->first < room || h->entries_at > h->first - room)
		return werr_set(err, WERR_CORRUPT, "%s has a GPT that contradicts itself", path);
	return 0;
}

int gptable_read(
	int fd, const char *path, const struct parttable *t, struct gptable *ret, struct werr **err)
{
	CLEANUP(gptable) struct gptable g = {0};
	unsigned char head[GPTHEAD_SIZE];
	int r = fd_read_at(fd, path, (uint64_t)HEADER_AT * t->sector, head, sizeof(head), err);

	if (r < 0)
		return r;
	if (!gpthead_get(head, &g.head))
		return werr_set(err, WERR_CORRUPT, "%s has a GPT that is not valid", path);
	r = check(&g.head, path, t, err);
	if (r < 0)
		return r;
	g.size = (size_t)g.head.n * GPTHEAD_ENTRY;
	g.entries = mem_alloc(g.size);
	r = fd_read_at(fd, path, g.head.entries_at * t->sector, g.entries, g.size, err);
	if (r == 0 && gpthead_crc32(g.entries, g.size) != g.head.entries_crc)
		r = werr_set(err, WERR_CORRUPT, "%s has a GPT whose entries are not valid", path);
	if (r == 0) {
		*ret = g;
		g.entries = NULL;
	}
	return r;
}

bool gptable_entry(const struct gptable *g, size_t i, struct gptable_entry *ret)
{
	const unsigned char *p = g->entries + i * GPTHEAD_ENTRY;

	*ret = (struct gptable_entry){
		.first = le64_get(p + FIRST_AT),
		.last = le64_get(p + LAST_AT),
		.is_linux = memcmp(p, of_linux, GPTHEAD_GUID) == 0 ||
			    memcmp(p, of_luks, GPTHEAD_GUID) == 0,
	};
	return !io_is_zeros(p, GPTHEAD_GUID);
}

/* ---- making ---- */

/* RFC 9562, 5.4, with the first fields the other way round. */
static int random_guid(unsigned char ret[static GPTHEAD_GUID])
{
	int r = fd_random(ret, GPTHEAD_GUID);

	ret[7] = (unsigned char)((ret[7] & 0x0f) | 0x40);
	ret[8] = (unsigned char)((ret[8] & 0x3f) | 0x80);
	return r;
}

int gptable_new(const struct parttable *t, struct gptable *ret, struct werr **err)
{
	struct gptable g = {.size = (size_t)NEW_ENTRIES * GPTHEAD_ENTRY};
	int r;

	g.entries = mem_alloc(g.size);
	memcpy(g.entries, of_linux, GPTHEAD_GUID);
	r = random_guid(g.entries + ID_AT);
	if (r == 0)
		r = random_guid(g.head.id);
	if (r < 0) {
		gptable_cleanup(&g);
		return werr_errno(err, -r, "can't get random numbers");
	}
	le64_put(g.entries + FIRST_AT, PARTTABLE_AT / t->sector);
	le64_put(g.entries + LAST_AT, parttable_end(t) / t->sector - 1);
	g.head.first = LIST_AT + list_sectors(t, &g);
	g.head.entries_at = LIST_AT;
	g.head.n = NEW_ENTRIES;
	g.head.entry_size = GPTHEAD_ENTRY;
	*ret = g;
	return 0;
}

/* ---- writing ---- */

/* The list first, and when that is on the disk the header. */
static int put(int fd, const char *path, const struct parttable *t, const struct gptable *g,
	const struct gpthead *h, struct werr **err)
{
	CLEANUP(free) unsigned char *sector = mem_alloc(t->sector);
	int r = parttable_put(fd, path, h->entries_at * t->sector, g->entries, g->size, err);

	gpthead_put(sector, h);
	return r < 0 ? r : parttable_put(fd, path, h->at * t->sector, sector, t->sector, err);
}

/* For the disk's size and the entries of now; and the copy. */
static int put_copy(
	int fd, const char *path, const struct parttable *t, struct gptable *g, struct werr **err)
{
	uint64_t end = t->disk / t->sector - 1;
	struct gpthead copy;

	g->head.entries_crc = gpthead_crc32(g->entries, g->size);
	g->head.at = HEADER_AT;
	g->head.other = end;
	g->head.last = end - list_sectors(t, g) - 1;
	copy = g->head;
	copy.at = end;
	copy.other = HEADER_AT;
	copy.entries_at = end - list_sectors(t, g);
	return put(fd, path, t, g, &copy, err);
}

int gptable_write_new(int fd, const char *path, const struct parttable *t, const struct gptable *g,
	struct werr **err)
{
	struct gptable all = *g;
	int r = put_copy(fd, path, t, &all, err);

	return r < 0 ? r : put(fd, path, t, &all, &all.head, err);
}

/* The first sector that a partition has. */
static uint64_t lowest(const struct gptable *g)
{
	struct gptable_entry e;
	uint64_t first = UINT64_MAX;

	for (size_t i = 0; i < g->head.n; i++)
		if (gptable_entry(g, i, &e) && e.first < first)
			first = e.first;
	return first;
}

static int check_room(
	const char *path, const struct parttable *t, const struct gptable *g, struct werr **err)
{
	uint64_t now = g->head.entries_at, other = LIST_AT + list_sectors(t, g);
	int r;

	if ((now == LIST_AT || now >= other) && lowest(g) >= other + list_sectors(t, g))
		return 0;
	r = werr_set(err, WERR_UNSUPPORTED,
		"%s: no room for a second list of partitions before the first one", path);
	werr_hint(err, "grow the partition by hand, as with sgdisk");
	return r;
}

/*
 * The list where the header does not refer to, then the header; and once more, so that at last it
 * is where everybody has it.
 */
static int put_main(
	int fd, const char *path, const struct parttable *t, struct gptable *g, struct werr **err)
{
	uint64_t other = LIST_AT + list_sectors(t, g), end = other + list_sectors(t, g);
	uint64_t first = g->head.first;
	int r = 0;

	if (g->head.entries_at == LIST_AT) {
		g->head.entries_at = other;
		if (first < end)
			g->head.first = end;
		r = put(fd, path, t, g, &g->head, err);
	} else if (first == end) {
		first = other;
	}
	g->head.entries_at = LIST_AT;
	g->head.first = first;
	return r < 0 ? r : put(fd, path, t, g, &g->head, err);
}

static int put_protective(int fd, const char *path, const struct parttable *t, struct werr **err)
{
	unsigned char first[PARTTABLE_SIZE], *entry = first + PROTECTIVE_AT, status;
	int r = fd_read_at(fd, path, 0, first, sizeof(first), err);

	/* A hybrid of both kinds of tables stays as it is. */
	if (r < 0 || entry[TYPE_AT] != GPTHEAD_PROTECTIVE || !io_is_zeros(entry + 16, 48))
		return r;
	status = entry[0];
	gpthead_put_protective(first, t->disk / t->sector);
	entry[0] = status;
	return parttable_put(fd, path, 0, first, sizeof(first), err);
}

int gptable_extend(int fd, const char *path, const struct parttable *t, struct gptable *g, size_t i,
	uint64_t last, struct werr **err)
{
	int r = check_room(path, t, g, err);

	if (r < 0)
		return r;
	le64_put(g->entries + i * GPTHEAD_ENTRY + LAST_AT, last);
	r = put_copy(fd, path, t, g, err);
	if (r == 0)
		r = put_main(fd, path, t, g, err);
	return r < 0 ? r : put_protective(fd, path, t, err);
}
