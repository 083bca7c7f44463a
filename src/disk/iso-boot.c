/* SPDX-License-Identifier: Apache-2.0 */
#include "disk/iso-boot.h"

#include <string.h>

#include "base/endian.h"
#include "base/str.h"
#include "disk/iso-impl.h"

enum {
	ROOT_RECORD = 156, /* in the volume's descriptor */
	VOLUME_SIZE = 80,
	HEAD_SECTORS = ISO_HEAD_END - ISO_HEAD,
	FILES_MAX = 12,
	SERIALS = 0x40000000, /* beyond those of other files */
};
enum { PLATFORM_BIOS = 0, PLATFORM_EFI = 0xef };
enum { ENTRY = 32, BOOTABLE = 0x88, LAST_SECTION = 0x91, LOAD_UNIT = 512, LOAD_BIOS = 4 };

/* Sectors of the file, to be changed. */
static int read_sectors(struct iso_image *i, const struct io_range *range, uint32_t sector,
	uint32_t n, unsigned char **ret, struct werr **err)
{
	uint64_t at = (uint64_t)sector * ISO_SECTOR;
	size_t size = (size_t)n * ISO_SECTOR;
	int r;

	if (at > range->size || size > range->size - at)
		return werr_set(err, WERR_CORRUPT, "an ISO 9660 that ends too early");
	*ret = extents_alloc(&i->extents, size);
	r = fd_read_at(range->fd, "the ISO 9660", range->offset + at, *ret, size, err);
	return r < 0 ? r : extents_add_bytes(&i->extents, at, *ret, size, err);
}

/* Those that stay as they are, up to an end in bytes. */
static int keep(struct iso_image *i, const struct io_range *range, uint32_t sector, uint64_t end,
	struct werr **err)
{
	uint64_t at = (uint64_t)sector * ISO_SECTOR;
	const struct io_range rest = {range->fd, range->offset + at, end - at};

	return extents_add_range(&i->extents, at, &rest, err);
}

int iso_image_open(const struct io_range *range, struct iso_image *ret, struct werr **err)
{
	CLEANUP(iso_image) struct iso_image i = {.extents.size = range->size};
	int r = read_sectors(&i, range, ISO_HEAD, HEAD_SECTORS, &i.head, err);

	if (r < 0)
		return r;
	if (memcmp(i.head, "\1CD001\1", 7) != 0 ||
		memcmp(i.head + ISO_MARK, ISO_MARK_TEXT, ISO_MARK_SIZE) != 0)
		return werr_set(err, WERR_CORRUPT, "an ISO 9660 without a place for /boot");
	i.boot_sector = le32_get(i.head + ISO_BOOT_PLACE);
	if (i.boot_sector < ISO_HEAD_END)
		return werr_set(err, WERR_CORRUPT, "an ISO 9660 with /boot in its head");
	r = read_sectors(&i, range, i.boot_sector, ISO_BOOT_DIRS, &i.boot, err);
	if (r == 0)
		r = keep(&i, range, ISO_HEAD_END, (uint64_t)i.boot_sector * ISO_SECTOR, err);
	if (r == 0)
		r = keep(&i, range, i.boot_sector + ISO_BOOT_DIRS, range->size, err);
	if (r < 0)
		return r;
	*ret = i;
	i = (struct iso_image){0};
	return 0;
}

void iso_image_set_volume(struct iso_image *i, const char *volume)
{
	char id[ISO_VOLUME_MAX + 1];

	if (!iso_volume_id(volume, id))
		return;
	memset(i->head + 40, ' ', ISO_VOLUME_MAX);
	memcpy(i->head + 40, id, strlen(id));
}

/* ---- the catalogue ---- */

/* The words of the first entry add up to 0. */
static void put_validation(unsigned char *p, unsigned platform)
{
	uint16_t sum = 0;

	p[0] = 1;
	p[1] = (unsigned char)platform;
	p[30] = 0x55;
	p[31] = 0xaa;
	for (size_t i = 0; i < ENTRY; i += 2)
		sum = (uint16_t)(sum + le16_get(p + i));
	le16_put(p + 28, (uint16_t)-sum);
}

/*
 * The number of sectors to load has 16 bits. Of a larger image for UEFI it is 0, with which the
 * firmware takes all up to the end of the volume.
 */
static void put_entry(unsigned char *p, const struct iso_boot_file *f, uint64_t size)
{
	uint64_t load = f->use == ISO_BOOT_BIOS ? LOAD_BIOS : (size + LOAD_UNIT - 1) / LOAD_UNIT;

	p[0] = BOOTABLE;
	le16_put(p + 6, load <= UINT16_MAX ? (uint16_t)load : 0);
	le32_put(p + 8, f->sector);
}

static const struct iso_boot_file *find_use(
	const struct iso_boot_file *files, size_t n, enum iso_boot_use use)
{
	for (size_t i = 0; i < n; i++)
		if (files[i].use == use)
			return &files[i];
	return NULL;
}

static void put_catalogue(
	unsigned char *p, const struct iso_boot_file *files, const uint64_t *sizes, size_t n)
{
	const struct iso_boot_file *bios = find_use(files, n, ISO_BOOT_BIOS);
	const struct iso_boot_file *efi = find_use(files, n, ISO_BOOT_EFI);
	unsigned char *section = p + (size_t)2 * ENTRY;

	put_validation(p, bios ? PLATFORM_BIOS : PLATFORM_EFI);
	if (bios)
		put_entry(p + ENTRY, bios, sizes[bios - files]);
	else if (efi)
		put_entry(p + ENTRY, efi, sizes[efi - files]);
	if (!bios || !efi)
		return;
	section[0] = LAST_SECTION;
	section[1] = PLATFORM_EFI;
	section[2] = 1;
	put_entry(section + ENTRY, efi, sizes[efi - files]);
}

/* 8.2, and where it says that the catalogue is; the terminator follows. */
static void put_boot_record(struct iso_image *i, uint32_t catalogue)
{
	unsigned char *p = i->head + (size_t)(ISO_TERMINATOR - ISO_HEAD) * ISO_SECTOR;

	memcpy(p + ISO_SECTOR, p, ISO_SECTOR);
	memset(p, 0, ISO_SECTOR);
	memcpy(p + 1, "CD001\1EL TORITO SPECIFICATION", 29);
	le32_put(p + 71, catalogue);
}

void iso_boot_info_put(unsigned char *bytes, size_t size, uint32_t sector)
{
	enum { TABLE = 8, COUNTED = 64 }; /* where it is, and where its sum begins */
	uint32_t sum = 0;

	for (size_t i = COUNTED; i < size; i += 4) {
		unsigned char word[4] = {0};

		memcpy(word, bytes + i, size - i < 4 ? size - i : 4);
		sum += le32_get(word);
	}
	memset(bytes + TABLE, 0, COUNTED - TABLE);
	le32_put(bytes + TABLE, ISO_HEAD);
	le32_put(bytes + TABLE + 4, sector);
	le32_put(bytes + TABLE + 8, (uint32_t)size);
	le32_put(bytes + TABLE + 12, sum);
}

/* ---- /boot ---- */

struct boot {
	struct iso_node *root, *dir, *grub;
	struct iso_file files[FILES_MAX];
};

static void boot_cleanup(struct boot *b)
{
	iso_node_free(b->root);
}

/* What these directories have been laid out as. */
static void make_dirs(struct boot *b, const struct iso_image *i, int64_t time)
{
	const struct iso_meta m = {.mode = S_IFDIR | 0755, .time = time};

	b->root = iso_node_new_root(&m);
	b->root->dir->sector = le32_get(i->head + ROOT_RECORD + 2);
	b->root->dir->size = le32_get(i->head + ROOT_RECORD + 10);
	b->dir = iso_node_add(b->root, "boot", &m);
	b->grub = iso_node_add(b->dir, "grub", &m);
	b->dir->dir->sector = i->boot_sector;
	b->grub->dir->sector = i->boot_sector + 1;
	b->dir->dir->size = b->grub->dir->size = ISO_SECTOR;
	b->dir->serial = SERIALS;
	b->grub->serial = SERIALS + 1;
}

/* Behind all that is there. */
static int add_file(struct iso_image *i, struct boot *b, struct iso_boot_file *f, size_t number,
	int64_t time, struct werr **err)
{
	const struct iso_meta m = {.mode = S_IFREG | 0644, .links = 1, .time = time};
	struct iso_node *n = iso_node_add(f->in_grub ? b->grub : b->dir, f->name, &m);
	struct iso_file *file = &b->files[number];
	uint64_t at = iso_sectors_of(i->extents.size) * ISO_SECTOR, size = f->content.size;

	if (size > INT64_MAX - at || (at + size) / ISO_SECTOR > UINT32_MAX)
		return werr_set(err, WERR_LIMIT, "an ISO 9660 of more than 8 TiB");
	f->sector = (uint32_t)(at / ISO_SECTOR);
	*file = (struct iso_file){.data.size = size, .sector = f->sector};
	n->file = file;
	n->serial = SERIALS + 2 + (uint32_t)number;
	i->extents.size = at + iso_sectors_of(size) * ISO_SECTOR;
	return extents_move(&i->extents, at, &f->content, err);
}

static int put_dir(unsigned char *to, const struct iso_node *dir, struct werr **err)
{
	struct iso_overflow overflow = {0};
	int r = iso_names_sort(dir->dir, err);

	if (r < 0)
		return r;
	if (iso_directory_put(NULL, dir, &overflow) > ISO_SECTOR || overflow.used)
		return werr_set(err, WERR_LIMIT, "too many files in /boot of an ISO 9660");
	memset(to, 0, ISO_SECTOR);
	iso_directory_put(to, dir, &overflow);
	return 0;
}

int iso_boot_put(
	struct iso_image *i, struct iso_boot_file *files, size_t n, int64_t time, struct werr **err)
{
	CLEANUP(boot) struct boot b = {0};
	struct iso_boot_file catalogue = {.name = "boot.cat", .content.size = ISO_SECTOR};
	unsigned char *bytes = extents_alloc(&catalogue.content, ISO_SECTOR);
	uint64_t sizes[FILES_MAX];
	int r = extents_add_bytes(&catalogue.content, 0, bytes, ISO_SECTOR, err);

	make_dirs(&b, i, time);
	if (n >= FILES_MAX)
		r = werr_set(err, WERR_LIMIT, "too many files in /boot of an ISO 9660");
	if (r == 0)
		r = add_file(i, &b, &catalogue, n, time, err);
	for (size_t j = 0; r == 0 && j < n; j++) {
		sizes[j] = files[j].content.size;
		r = add_file(i, &b, &files[j], j, time, err);
	}
	extents_cleanup(&catalogue.content);
	if (r == 0)
		r = put_dir(i->boot, b.dir, err);
	if (r == 0)
		r = put_dir(i->boot + ISO_SECTOR, b.grub, err);
	if (r < 0)
		return r;
	put_catalogue(bytes, files, sizes, n);
	put_boot_record(i, catalogue.sector);
	iso_both32_put(i->head + VOLUME_SIZE, (uint32_t)(i->extents.size / ISO_SECTOR));
	return 0;
}
