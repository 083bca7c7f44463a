/* SPDX-License-Identifier: Apache-2.0 */
/* The writers that the table of formats names; see format.h for what they return. */
#ifndef WHERRY_OUTPUT_WRITE_H
#define WHERRY_OUTPUT_WRITE_H

#include "output/format.h"

output_write output_write_initrd, output_write_cmdline;                      /* write-boot.c */
output_write output_write_tar, output_write_docker, output_write_kernel_tar; /* write-tar.c */

/* The last piece of an encoding, as it is. */
int output_write_piece(const struct pieces *pieces, const struct encoding *e, struct writer *to,
	struct werr **err);
/* An initrd's archives end to end, without microcode, and how many bytes that is. */
struct reader *output_open_initrd(const struct plan *p, const struct pieces *pieces);
uint64_t output_initrd_size(const struct plan *p, const struct pieces *pieces);

#endif
