/* SPDX-License-Identifier: Apache-2.0 */
#include "vm/boot-cd.h"

#include <string.h>
#include <unistd.h>

#include "base/endian.h"

/* "El Torito" Bootable CD-ROM Format Specification 1.0, 2.0 to 2.4. */
enum {
	SECTOR = 2048,
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
	f->efi |= platform == EFI;
}

/* Of a catalogue's first sector, which has room for all that there is in practice. */
static struct found find_entries(const unsigned char *catalogue)
{
	struct found f = {false, false};
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

bool boot_cd_needs_uefi(int fd)
{
	unsigned char sector[SECTOR];
	struct found f;

	if (!read_sector(fd, BOOT_RECORD, sector) ||
		memcmp(sector, "\0CD001\1EL TORITO SPECIFICATION", 30) != 0 ||
		!read_sector(fd, le32_get(sector + CATALOGUE), sector))
		return false;
	f = find_entries(sector);
	return f.efi && !f.bios;
}
