/* SPDX-License-Identifier: Apache-2.0 */
#include "boot/grub.h"

#include <inttypes.h>
#include <string.h>

#include "base/endian.h"

enum { SECTOR = 512 };

/* boot.img */
enum {
	BOOT_CORE = 0x5c,  /* 64 bits: the LBA of the core's first sector */
	BOOT_DRIVE = 0x64, /* 0xff: the one that the BIOS says it has started */
	BOOT_CHECK = 0x66, /* a jump over the repair of a drive's number that can't be right */
};
static const unsigned char boot_check_skipped[] = {0xeb, 0x05};
static const unsigned char boot_check_done[] = {0x90, 0x90};

/*
 * The core's first sector, diskboot.img, has a list of blocks at its end, which grows downwards:
 * LBA (64 bits), number of sectors and where in memory they go, in units of 16 bytes (16 bits
 * each). grub-mkimage has written one for a core in one piece at LBA 1.
 */
enum {
	CORE_LIST = 0x1f4,
	CORE_LIST_SECTORS = CORE_LIST + 8,
	CORE_LIST_SEGMENT = CORE_LIST + 10,
	CORE_LIST_NEXT_SECTORS = CORE_LIST - 12 + 8,
	CORE_SEGMENT = 0x820,
};

static int check_boot(const unsigned char *boot, size_t size, struct werr **err)
{
	if (size != GRUB_BOOT_CODE || boot[0] != 0xeb || boot[BOOT_DRIVE] != 0xff ||
		memcmp(boot + BOOT_CHECK, boot_check_skipped, sizeof(boot_check_skipped)) != 0)
		return werr_set(err, WERR_CORRUPT, "this is not the boot code of GRUB");
	return 0;
}

static int check_core(const unsigned char *core, size_t size, struct werr **err)
{
	if (size > GRUB_CORE_MAX)
		return werr_set(err, WERR_LIMIT, "a core of GRUB has at most %d KiB, not %zu",
			GRUB_CORE_MAX >> 10, size >> 10);
	if (size <= SECTOR || le16_get(core + CORE_LIST_SEGMENT) != CORE_SEGMENT ||
		le16_get(core + CORE_LIST_SECTORS) != (size - 1) / SECTOR ||
		le16_get(core + CORE_LIST_NEXT_SECTORS) != 0)
		return werr_set(err, WERR_CORRUPT, "this is not a core of GRUB");
	return 0;
}

int grub_install(unsigned char *boot, size_t boot_size, unsigned char *core, size_t core_size,
	uint64_t at, struct werr **err)
{
	int r = check_boot(boot, boot_size, err);

	if (r == 0)
		r = check_core(core, core_size, err);
	if (r < 0)
		return r;
	if (at == 0 || at % SECTOR)
		return werr_set(err, WERR_LIMIT, "a core of GRUB can't be at byte %" PRIu64, at);
	le64_put(boot + BOOT_CORE, at / SECTOR);
	/* For BIOSes that start a hard disk and name another drive; nobody starts a floppy. */
	memcpy(boot + BOOT_CHECK, boot_check_done, sizeof(boot_check_done));
	le64_put(core + CORE_LIST, at / SECTOR + 1);
	return 0;
}

/* ---- CDs ---- */

/* In boot_hybrid.img: the LBA of the core's first sector, which begins as 1 here, too. */
enum { HYBRID_CORE = 0x1b0 };

static int check_hybrid(const unsigned char *boot, size_t size, struct werr **err)
{
	if (size != GRUB_BOOT_CODE || boot[0] != 0xeb || boot[BOOT_DRIVE] != 0xff ||
		le64_get(boot + HYBRID_CORE) != 1)
		return werr_set(err, WERR_CORRUPT, "this is not GRUB's boot code for a CD's image");
	return 0;
}

int grub_install_cd(unsigned char *boot, size_t boot_size, unsigned char *image, size_t image_size,
	uint64_t at, struct werr **err)
{
	unsigned char *core = image + GRUB_CD_BOOT;
	int r = check_hybrid(boot, boot_size, err);

	if (r == 0 && image_size <= GRUB_CD_BOOT)
		r = werr_set(err, WERR_CORRUPT, "this is not GRUB for a CD");
	if (r == 0)
		r = check_core(core, image_size - GRUB_CD_BOOT, err);
	if (r < 0)
		return r;
	if (at == 0 || at % GRUB_CD_BLOCK)
		return werr_set(err, WERR_LIMIT, "GRUB can't be at byte %" PRIu64 " of a CD", at);
	le64_put(boot + HYBRID_CORE, (at + GRUB_CD_BOOT) / SECTOR);
	le64_put(core + CORE_LIST, (at + GRUB_CD_BOOT) / SECTOR + 1);
	return 0;
}
