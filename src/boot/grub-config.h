/* SPDX-License-Identifier: Apache-2.0 */
/* What GRUB is to do: the file grub.cfg. */
#ifndef WHERRY_BOOT_GRUB_CONFIG_H
#define WHERRY_BOOT_GRUB_CONFIG_H

#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"

enum {
	GRUB_CONFIG_MAX = 32 << 10, /* what a configuration can have */
	GRUB_CMDLINE_MAX = 2047,    /* what x86's kernels take, with what GRUB adds */
};

/* "2048+27716", for the bytes of a file that begins at a sector and fills its last one. */
enum { GRUB_BLOCKS = 48 };
void grub_blocks(char ret[static GRUB_BLOCKS], uint64_t at, uint64_t size);

struct grub_config {
	/*
	 * On the disk or CD that GRUB has started from: paths ("/kernel"), or lists of blocks
	 * ("2048+27716": so many sectors of 512 bytes from there on); in either no character that
	 * GRUB's language has another use for.
	 */
	const char *kernel;
	const char *initrd;  /* or NULL */
	const char *cmdline; /* the kernel's, in one or more lines */
};

/*
 * Append a configuration that boots at once, and whose mistakes are seen on the serial port, too,
 * when the kernel's messages are.
 *
 * GRUB hands a command line on in words, and writes a word with spaces as "NAME=A VALUE"; the
 * kernel takes that for NAME="A VALUE". It also writes a backslash before each quote and backslash,
 * which the kernel does not know: a command line with such ones is refused (WERR_INVALID).
 * WERR_LIMIT: one that the kernel would not get as a whole.
 */
int grub_config_add(struct buf *to, const struct grub_config *c, struct werr **err);

#endif
