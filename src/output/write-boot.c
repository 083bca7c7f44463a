/* SPDX-License-Identifier: Apache-2.0 */
/* The files that a boot loader takes. */
#include "output/write.h"

enum { INITRD_ALIGN = 4 }; /* of an archive that is not compressed, for the kernel */

int output_write_piece(
	const struct pieces *pieces, const struct encoding *e, struct writer *to, struct werr **err)
{
	const struct piece *piece = pieces_last(pieces, e);
	CLEANUP(reader) struct reader *r = piece ? pieces_open_one(piece) : NULL;

	return r ? io_copy(r, to, NULL, err) : OUTPUT_NONE;
}

/* An empty file is better than the one of an earlier build, which LinuxKit leaves there. */
int output_write_cmdline(
	const struct plan *p, const struct pieces *pieces, struct writer *to, struct werr **err)
{
	const struct piece *piece = pieces_last(pieces, &encoding_cmdline);

	if (piece && piece->size == 0 && p->config->compat)
		return OUTPUT_NONE;
	return output_write_piece(pieces, &encoding_cmdline, to, err);
}

/*
 * What is appended to an initrd later may be an archive that is not compressed. A gzip stream is
 * followed by nothing: programs complain about zeros, and LinuxKit writes none. The kernel takes
 * the end of an lz4 stream for one when a whole word of zeros follows it.
 */
static uint64_t zeros_after(const struct plan *p, const struct pieces *pieces)
{
	uint64_t odd = pieces_size(pieces, &encoding_initrd) % INITRD_ALIGN;
	uint64_t zeros = odd ? INITRD_ALIGN - odd : 0;

	switch (p->options.compression.codec) {
	case CODEC_GZIP:
		return 0;
	case CODEC_LZ4:
		return zeros + INITRD_ALIGN;
	default:
		return zeros;
	}
}

struct reader *output_open_initrd(const struct plan *p, const struct pieces *pieces)
{
	return pieces_open(pieces, &encoding_initrd, zeros_after(p, pieces));
}

uint64_t output_initrd_size(const struct plan *p, const struct pieces *pieces)
{
	return pieces_size(pieces, &encoding_initrd) + zeros_after(p, pieces);
}

static int write_microcode(
	const struct plan *p, const struct pieces *pieces, struct writer *to, struct werr **err)
{
	const struct piece *ucode = pieces_last(pieces, &encoding_ucode);
	uint64_t odd = ucode ? ucode->size % INITRD_ALIGN : 0;
	int r = ucode ? output_write_piece(pieces, &encoding_ucode, to, err) : 0;

	if (r == 0 && odd && p->options.compression.codec == CODEC_NONE)
		r = writer_fill(to, 0, INITRD_ALIGN - odd, err);
	return r;
}

/*
 * Microcode must come first, and uncompressed (the kernel's Documentation/arch/x86/microcode.rst).
 */
int output_write_initrd(
	const struct plan *p, const struct pieces *pieces, struct writer *to, struct werr **err)
{
	CLEANUP(reader) struct reader *archives = output_open_initrd(p, pieces);
	int r = write_microcode(p, pieces, to, err);

	return r < 0 ? r : io_copy(archives, to, NULL, err);
}
