/* SPDX-License-Identifier: Apache-2.0 */
#include "vm/boot-cd.h"

#include <string.h>
#include <unistd.h>

#include "arch/arch.h"
#include "base/endian.h"
#include "base/str.h"
#include "vm/esp.h"

/* "El Torito" Bootable CD-ROM Format Specification 1.0, 2.0 to 2.4. */
enum {
	SECTOR = 2048,
	VOLUME = 16,      /* ECMA-119, 8.4: the primary volume descriptor */
	VOLUME_SIZE = 80, /* in it: sectors, first in Intel's order of bytes */
	PADDING = 150,    /* sectors that programs count, and others leave out */
	BOOT_RECORD = 17,
	CATALOGUE = 71, /* in the boot record: its sector */
	ENTRY = 32,
	VALIDATION = 1,
	BOOTABLE = 0x88,
	SECTION = 0x90,
	LAST_SECTION = 0x91,
	BIOS = 0,
	EFI = 0xef,
};

struct found {
	bool bios, efi;
	uint32_t efi_at; /* the sector of the FAT that UEFI starts */
};

static bool read_sector(int fd, uint32_t sector, unsigned char ret[static SECTOR])
{
	return pread(fd, ret, SECTOR, (off_t)sector * SECTOR) == SECTOR;
}

static void find_entry(struct found *f, const unsigned char *entry, unsigned platform)
{
	if (entry[0] != BOOTABLE)
		return;
	f->bios |= platform == BIOS;
	if (platform == EFI && !f->efi)
		f->efi_at = le32_get(entry + 8);
	f->efi |= platform == EFI;
}

/* Of a catalogue's first sector, which has room for all that there is in practice. */
static struct found find_entries(const unsigned char *catalogue)
{
	struct found f = {0};
	size_t at = (size_t)2 * ENTRY, n = 0;
	unsigned platform = catalogue[1];

	if (catalogue[0] != VALIDATION || catalogue[30] != 0x55 || catalogue[31] != 0xaa)
		return f;
	find_entry(&f, catalogue + ENTRY, platform);
	for (bool is_last = false; at < SECTOR; at += ENTRY) {
		const unsigned char *entry = catalogue + at;

		if (n > 0) {
			find_entry(&f, entry, platform);
			n--;
			continue;
		}
		if (is_last || (entry[0] != SECTION && entry[0] != LAST_SECTION))
			break;
		is_last = entry[0] == LAST_SECTION;
		platform = entry[1];
		n = le16_get(entry + 2);
	}
	return f;
}

static bool is_boot_record(const unsigned char *sector)
{
	return memcmp(sector, "\0CD001\1EL TORITO SPECIFICATION", 30) == 0;
}

void boot_cd_look(int fd, struct boot_disk *ret)
{
	unsigned char sector[SECTOR];
	struct disk_image image;
	struct found f;

	*ret = (struct boot_disk){0};
	if (!read_sector(fd, BOOT_RECORD, sector) || !is_boot_record(sector) ||
		!read_sector(fd, le32_get(sector + CATALOGUE), sector))
		return;
	f = find_entries(sector);
	ret->needs_uefi = f.efi && !f.bios;
	if (f.efi && disk_image_open(fd, "raw", 0, 0, &image))
		ret->arch = esp_arch(&image, (uint64_t)f.efi_at * SECTOR / DISK_SECTOR);
	if (!ret->arch && f.bios)
		ret->arch = arch_find_bios()->name;
}

static int not_bootable(const char *path, const char *why, struct werr **err)
{
	werr_set(err, WERR_INVALID, "%s can't boot: %s", path, why);
	werr_hint(err, "`wherry build --format iso` makes a CD that boots");
	return werr_code(WERR_INVALID);
}

static bool is_volume(const unsigned char *sector)
{
	return memcmp(sector, "\1CD001\1", 7) == 0;
}

bool boot_cd_is(int fd)
{
	unsigned char volume[SECTOR];

	return read_sector(fd, VOLUME, volume) && is_volume(volume);
}

int boot_cd_check(int fd, const char *path, struct werr **err)
{
	unsigned char volume[SECTOR], boot[SECTOR];
	off_t size = lseek(fd, 0, SEEK_END);
	char has[16], needs[16];
	uint64_t end;

	if (!read_sector(fd, VOLUME, volume) || !is_volume(volume))
		return not_bootable(path, size == 0 ? "it is empty" : "it is no ISO 9660", err);
	end = (uint64_t)le32_get(volume + VOLUME_SIZE) * SECTOR;
	if ((uint64_t)size + PADDING * SECTOR < end) {
		werr_set(err, WERR_INVALID, "%s is cut short: it has %s of %s", path,
			str_size(has, (uint64_t)size), str_size(needs, end));
		werr_hint(err, "build or copy it again");
		return werr_code(WERR_INVALID);
	}
	if (!read_sector(fd, BOOT_RECORD, boot) || !is_boot_record(boot))
		return not_bootable(path, "nothing on the CD boots", err);
	return 0;
}
