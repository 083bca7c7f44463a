/* SPDX-License-Identifier: Apache-2.0 */
#include "disk/iso9660.h"

#include <stdlib.h>
#include <string.h>

#include "base/cancel.h"
#include "base/endian.h"
#include "base/str.h"
#include "base/utc.h"
#include "disk/iso-impl.h"

enum {
	SECTORS_MIN = 32,           /* libarchive takes nothing with less than 24 for an ISO 9660 */
	TABLE_ENTRIES_MAX = 0xffff, /* the number of a directory's parent has 16 bits */
	TABLE_ENTRY = 8,            /* bytes without the name */
};

/* ---- nodes ---- */

static struct iso_node *new_node(const char *name, const struct iso_meta *m)
{
	struct iso_node *n = mem_new(struct iso_node);

	n->name = name;
	n->meta = *m;
	if (S_ISDIR(m->mode)) {
		n->dir = mem_new(struct iso_dir);
		n->dir->parent = n;
		n->meta.links = 2;
	}
	return n;
}

struct iso_node *iso_node_new_root(const struct iso_meta *m)
{
	return new_node("", m);
}

struct iso_node *iso_node_add(struct iso_node *dir, const char *name, const struct iso_meta *m)
{
	struct iso_node *n = new_node(name, m);
	struct iso_dir *d = dir->dir;

	if (iso_is_dir(n)) {
		n->dir->parent = dir;
		dir->meta.links++;
	}
	mem_grow(&d->children, d->n, &d->cap, sizeof(struct iso_node *));
	return d->children[d->n++] = n;
}

void iso_node_free(struct iso_node *n)
{
	struct iso_dir *d = n->dir;

	for (size_t i = 0; d && i < d->n; i++)
		iso_node_free(d->children[i]);
	if (d)
		free(d->children);
	free(d);
	free(n);
}

void iso_image_cleanup(struct iso_image *i)
{
	extents_cleanup(&i->extents);
	i->head = i->boot = NULL;
}

/* ---- what is being laid out ---- */

struct layout {
	const struct iso_options *o;
	struct iso_node **dirs; /* as the path table wants them: by depth, parent and id */
	size_t n, cap;
	struct iso_node *boot, *grub; /* or NULL */
	uint64_t sectors;             /* that are taken */
	uint64_t table_size;
	uint32_t little, big; /* sectors of the path tables */
	uint64_t first_file;  /* sector */
	uint32_t serial;      /* the last that was given */
	struct extents image;
};

static void layout_cleanup(struct layout *l)
{
	free(l->dirs);
	extents_cleanup(&l->image);
}

static void add_dir(struct layout *l, struct iso_node *n)
{
	mem_grow(&l->dirs, l->n, &l->cap, sizeof(struct iso_node *));
	l->dirs[l->n++] = n;
	n->dir->number = (uint32_t)l->n;
}

/* Names of one file have one number. */
static void number_node(struct layout *l, struct iso_node *n)
{
	if (n->file && n->file->serial)
		n->serial = n->file->serial;
	else
		n->serial = ++l->serial;
	if (n->file)
		n->file->serial = n->serial;
}

static int collect(struct layout *l, struct iso_node *root, struct werr **err)
{
	add_dir(l, root);
	number_node(l, root);
	for (size_t i = 0; i < l->n; i++) {
		struct iso_dir *d = l->dirs[i]->dir;
		int r = iso_names_sort(d, err);

		if (r == 0)
			r = cancel_check(err);
		if (r < 0)
			return r;
		for (size_t j = 0; j < d->n; j++) {
			number_node(l, d->children[j]);
			if (iso_is_dir(d->children[j]))
				add_dir(l, d->children[j]);
		}
	}
	return 0;
}

/* ---- places ---- */

static int take(struct layout *l, uint64_t sectors, uint32_t *ret, struct werr **err)
{
	if (sectors > UINT32_MAX - l->sectors)
		return werr_set(err, WERR_LIMIT, "an ISO 9660 of more than 8 TiB");
	*ret = (uint32_t)l->sectors;
	l->sectors += sectors;
	return 0;
}

static size_t table_entry_size(const struct iso_node *dir)
{
	size_t n = dir->id[0] ? strlen(dir->id) : 1;

	return TABLE_ENTRY + n + n % 2;
}

static size_t table_entries(const struct layout *l)
{
	return l->n < TABLE_ENTRIES_MAX ? l->n : TABLE_ENTRIES_MAX;
}

static int place_dirs(struct layout *l, struct werr **err)
{
	int r;

	for (size_t i = 0; i < table_entries(l); i++)
		l->table_size += table_entry_size(l->dirs[i]);
	r = take(l, iso_sectors_of(l->table_size), &l->little, err);
	if (r == 0)
		r = take(l, iso_sectors_of(l->table_size), &l->big, err);
	for (size_t i = 0; r == 0 && i < l->n; i++) {
		struct iso_dir *d = l->dirs[i]->dir;
		struct iso_overflow overflow = {0};

		d->size = iso_directory_put(NULL, l->dirs[i], &overflow);
		if (l->dirs[i] != l->boot && l->dirs[i] != l->grub)
			r = take(l, iso_sectors_of(d->size) + iso_sectors_of(overflow.used),
				&d->sector, err);
	}
	/* The last, as bsdtar takes no directory before that which it is in. */
	if (r == 0 && l->boot)
		r = take(l, 1, &l->boot->dir->sector, err);
	if (r == 0 && l->boot)
		r = take(l, 1, &l->grub->dir->sector, err);
	l->first_file = l->sectors;
	return r;
}

static int place_file(struct layout *l, const struct iso_node *n, struct werr **err)
{
	struct iso_file *f = S_ISREG(n->meta.mode) ? n->file : NULL;
	uint64_t at;
	int r;

	if (!f || f->sector || f->data.size == 0)
		return 0;
	if (f->data.size > INT64_MAX)
		return werr_set(err, WERR_LIMIT, "an ISO 9660 of more than 8 TiB");
	r = take(l, iso_sectors_of(f->data.size), &f->sector, err);
	if (r < 0)
		return r;
	at = (uint64_t)f->sector * ISO_SECTOR;
	l->image.size = l->sectors * ISO_SECTOR;
	if (f->data.bytes)
		return extents_add_bytes(&l->image, at, f->data.bytes, (size_t)f->data.size, err);
	return extents_add_range(&l->image, at, &f->data.range, err);
}

static int place_files(struct layout *l, struct werr **err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < l->n; i++) {
		const struct iso_dir *d = l->dirs[i]->dir;

		for (size_t j = 0; r == 0 && j < d->n; j++)
			r = place_file(l, d->children[j], err);
	}
	if (l->sectors < SECTORS_MIN)
		l->sectors = SECTORS_MIN;
	l->image.size = l->sectors * ISO_SECTOR;
	return r;
}

/* ---- bytes ---- */

/* 9.4 */
static void put_table(const struct layout *l, unsigned char *p, bool big)
{
	for (size_t i = 0; i < table_entries(l); i++) {
		const struct iso_node *n = l->dirs[i];
		uint32_t sector = n->dir->sector, parent = n->dir->parent->dir->number;
		size_t size = n->id[0] ? strlen(n->id) : 1;

		p[0] = (unsigned char)size;
		if (big) {
			be32_put(p + 2, sector);
			be16_put(p + 6, (uint16_t)parent);
		} else {
			le32_put(p + 2, sector);
			le16_put(p + 6, (uint16_t)parent);
		}
		memcpy(p + TABLE_ENTRY, n->id, size);
		p += table_entry_size(n);
	}
}

/* 8.4.26.1: digits, and the distance from Greenwich; all digits 0 is no time. */
static void put_long_time(unsigned char *p, const struct tm *t)
{
	char text[32] = "0000000000000000";

	if (t)
		str_format(text, sizeof(text), "%04d%02d%02d%02d%02d%02d00", t->tm_year + 1900,
			t->tm_mon + 1, t->tm_mday, t->tm_hour, t->tm_min, t->tm_sec);
	memcpy(p, text, 16);
}

/* 8.4 */
static void put_volume(const struct layout *l, const char *volume, unsigned char *p)
{
	struct tm t = {0};

	(void)utc_from(l->o->time, &t);
	p[0] = 1;
	memcpy(p + 1, "CD001\1", 6);
	memset(p + 8, ' ', 64);
	memcpy(p + 40, volume, strlen(volume));
	iso_both32_put(p + 80, (uint32_t)l->sectors);
	iso_both16_put(p + 120, 1);
	iso_both16_put(p + 124, 1);
	iso_both16_put(p + 128, ISO_SECTOR);
	iso_both32_put(p + 132, (uint32_t)l->table_size);
	le32_put(p + 140, l->little);
	be32_put(p + 148, l->big);
	iso_root_record_put(p + 156, l->dirs[0]);
	memset(p + 190, ' ', 623);
	put_long_time(p + 813, &t);
	put_long_time(p + 830, &t);
	put_long_time(p + 847, NULL);
	put_long_time(p + 864, NULL);
	p[881] = 1;
	if (l->boot) {
		memcpy(p + ISO_MARK, ISO_MARK_TEXT, ISO_MARK_SIZE);
		le32_put(p + ISO_BOOT_PLACE, l->boot->dir->sector);
	}
}

static unsigned char *at_sector(unsigned char *head, uint64_t sector)
{
	return head + (size_t)(sector - ISO_HEAD) * ISO_SECTOR;
}

/*
 * Continuation areas follow the directory that they belong to, so that a reader that only goes
 * forward knows a directory's name before it comes to the directory.
 */
static void put_dir(const struct iso_node *dir, unsigned char *head)
{
	uint64_t end = dir->dir->sector + iso_sectors_of(dir->dir->size);
	struct iso_overflow overflow = {.sector = (uint32_t)end, .bytes = at_sector(head, end)};

	iso_directory_put(at_sector(head, dir->dir->sector), dir, &overflow);
}

/* All between the volume's descriptor and the files, in one piece. */
static int put_all(struct layout *l, const char *volume, unsigned char **ret, struct werr **err)
{
	size_t size = (size_t)(l->first_file - ISO_HEAD) * ISO_SECTOR;
	unsigned char *head = extents_alloc(&l->image, size);

	put_volume(l, volume, head);
	memcpy(at_sector(head, ISO_TERMINATOR), "\377CD001\1", 7);
	put_table(l, at_sector(head, l->little), false);
	put_table(l, at_sector(head, l->big), true);
	for (size_t i = 0; i < l->n; i++)
		put_dir(l->dirs[i], head);
	*ret = head;
	return extents_add_bytes(&l->image, (uint64_t)ISO_HEAD * ISO_SECTOR, head, size, err);
}

/* ---- the whole ---- */

/* Of no files yet: iso-boot.c makes them anew. */
static void add_boot(struct layout *l, struct iso_node *root)
{
	const struct iso_meta m = {.mode = S_IFDIR | 0755, .time = l->o->time};

	l->boot = iso_node_add(root, "boot", &m);
	l->grub = iso_node_add(l->boot, "grub", &m);
}

int iso_layout(struct iso_node *root, const struct iso_options *o, struct iso_image *ret,
	struct werr **err)
{
	CLEANUP(layout) struct layout l = {.o = o, .sectors = ISO_HEAD_END};
	char volume[ISO_VOLUME_MAX + 1];
	unsigned char *head = NULL;
	int r;

	if (!iso_volume_id(o->volume, volume))
		return werr_set(err, WERR_INVALID, "an ISO 9660 can't be called '%s'", o->volume);
	if (o->with_boot)
		add_boot(&l, root);
	r = collect(&l, root, err);
	if (r == 0)
		r = place_dirs(&l, err);
	if (r == 0)
		r = place_files(&l, err);
	if (r == 0)
		r = put_all(&l, volume, &head, err);
	if (r < 0)
		return r;
	*ret = (struct iso_image){.extents = l.image, .head = head};
	if (l.boot) {
		ret->boot_sector = l.boot->dir->sector;
		ret->boot = at_sector(head, ret->boot_sector);
	}
	l.image = (struct extents){0};
	return 0;
}
