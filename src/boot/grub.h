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
	GRUB_CORE_MAX = 480 << 10, /* what there is room for in memory, from 0x8000 on */
};

/*
 * Make the boot code load the core, which is on the disk from byte `at` on, in one piece.
 * WERR_CORRUPT: not GRUB's; WERR_LIMIT: a core that is too large, or a place that can't be.
 */
int grub_install(unsigned char *boot, size_t boot_size, unsigned char *core, size_t core_size,
	uint64_t at, struct werr **err);

#endif
