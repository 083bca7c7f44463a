/* SPDX-License-Identifier: Apache-2.0 */
/* GRUB's part of a disk: code in the first sector, a core in a partition, a file in a FAT. */
#ifndef WHERRY_OUTPUT_LAYOUT_GRUB_H
#define WHERRY_OUTPUT_LAYOUT_GRUB_H

#include "output/format.h"

/* All memory belongs to extents. */
struct output_grub {
	unsigned char *boot, *core;
	size_t boot_size, core_size;
	char *config;
	size_t config_size;
};

/* Whether there are computers of the job's architecture with a BIOS. */
bool output_has_bios(const struct output_job *job);
/* WERR_UNSUPPORTED: there are none. */
int output_need_bios(const struct output_job *job, struct werr **err);
/*
 * Read what a disk has, and put the core into *partition, an empty one, to which the memory
 * belongs. WERR_UNSUPPORTED as of output_need_bios.
 */
int output_grub_read(const struct output_job *job, struct extents *partition,
	struct output_grub *ret, struct werr **err);
/*
 * Put GRUB's configuration into *file, an empty one. Where kernel and initrd are need not be known
 * yet: there is room for any two names. root: see output_cmdline.
 */
int output_grub_add_config(const struct output_job *job, const char *root, struct extents *file,
	struct output_grub *g, struct werr **err);
/* Write that file; kernel and initrd are names for GRUB (boot/grub-config.h). */
int output_grub_set_config(const struct output_job *job, const char *root, const char *kernel,
	const char *initrd, struct output_grub *g, struct werr **err);

#endif
