/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GRUB on a disk for computers with a BIOS. The boot code in the disk's first sector loads the
 * first sector of GRUB's core, and that loads the others; each has to be told where on the disk
 * they are (GRUB's boot.S and diskboot.S for i386-pc). The files are those of pkg/grub-bios.
 */
#ifndef WHERRY_BOOT_GRUB_H
#define WHERRY_BOOT_GRUB_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum {
	GRUB_BOOT_CODE = 440, /* bytes of boot.img, before what a disk keeps in its first sector */
	GRUB_CORE_PARTITION = 1 << 20, /* bytes of the partition for the core */
	GRUB_CORE_MAX = 480 << 10,     /* what there is room for in memory, from 0x8000 on */
};

/*
 * Make the boot code load the core, which is on the disk from byte `at` on, in one piece.
 * WERR_CORRUPT: not GRUB's; WERR_LIMIT: a core that is too large, or a place that can't be.
 */
int grub_install(unsigned char *boot, size_t boot_size, unsigned char *core, size_t core_size,
	uint64_t at, struct werr **err);

enum {
	GRUB_CD_BOOT = 2048, /* bytes of cdboot.img, with which GRUB's image for a CD begins */
	GRUB_CD_BLOCK = 2048,
};

/*
 * The same for the image of a CD that may be copied to a disk: boot_hybrid.img for the first
 * sector, and the image that the CD's catalogue names, which is at byte `at` of it, a multiple of
 * GRUB_CD_BLOCK. The image has yet to get the table by which its own beginning finds the rest on a
 * CD (iso_boot_info_put).
 */
int grub_install_cd(unsigned char *boot, size_t boot_size, unsigned char *image, size_t image_size,
	uint64_t at, struct werr **err);

#endif
