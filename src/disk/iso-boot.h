/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CDs that boot: files in /boot of an ISO 9660 that was laid out with it, and a catalogue that
 * firmware finds them by ("El Torito" Bootable CD-ROM Format Specification, version 1.0; UEFI 2.10,
 * 13.3.2.1).
 */
#ifndef WHERRY_DISK_ISO_BOOT_H
#define WHERRY_DISK_ISO_BOOT_H

#include "disk/iso9660.h"

enum iso_boot_use {
	ISO_BOOT_PLAIN, /* only a file */
	ISO_BOOT_BIOS,  /* started by a BIOS, which loads its first sector */
	ISO_BOOT_EFI,   /* the image of a FAT, which UEFI sees as a partition */
};

struct iso_boot_file {
	const char *name;
	bool in_grub; /* in /boot/grub */
	enum iso_boot_use use;
	struct extents content; /* taken over */
	uint32_t sector;        /* where it is; set by iso_boot_put */
};

/*
 * The image that iso_layout made, out of a file that has it. WERR_CORRUPT: the file has none, or
 * one without /boot.
 */
int iso_image_open(const struct io_range *range, struct iso_image *ret, struct werr **err);
/* Change the volume's name: letters, digits and '_'. */
void iso_image_set_volume(struct iso_image *i, const char *volume);
/*
 * Put files into /boot, behind all the others, and the catalogue, which is one, too. At most one is
 * for a BIOS and one for UEFI. WERR_LIMIT: more than a sector has room for, about ten.
 */
int iso_boot_put(struct iso_image *i, struct iso_boot_file *files, size_t n, int64_t time,
	struct werr **err);
/* The table by which cdboot.img of GRUB finds the rest of its file, in that file's bytes. */
void iso_boot_info_put(unsigned char *bytes, size_t size, uint32_t sector);

#endif
