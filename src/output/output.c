/* SPDX-License-Identifier: Apache-2.0 */
#include "output/output.h"

#include <string.h>

#include "output/build.h"

enum { INITRD_ALIGN = 4 }; /* of an archive that isn't compressed, for the kernel */

static int write_piece(
	const struct pieces *pieces, enum piece_kind kind, struct writer *to, struct werr **err)
{
	const struct piece *piece = pieces_last(pieces, kind);
	CLEANUP(reader) struct reader *r = piece ? piece_open(piece) : NULL;

	return r ? io_copy(r, to, NULL, err) : OUTPUT_NONE;
}

static int write_kernel(ATTR_UNUSED const struct plan *p, const struct pieces *pieces,
	struct writer *to, struct werr **err)
{
	return write_piece(pieces, PIECE_KERNEL, to, err);
}

/* An empty file is better than the one of an earlier build, which LinuxKit leaves there. */
static int write_cmdline(
	const struct plan *p, const struct pieces *pieces, struct writer *to, struct werr **err)
{
	const struct piece *piece = pieces_last(pieces, PIECE_CMDLINE);

	if (piece && piece->size == 0 && p->config->compat)
		return OUTPUT_NONE;
	return write_piece(pieces, PIECE_CMDLINE, to, err);
}

/*
 * What others put behind an initrd may be an archive that isn't compressed. Behind a gzip stream
 * nothing: programs complain of zeros, and LinuxKit writes none. The kernel takes the end of an lz4
 * stream for one when a whole word of zeros follows it.
 */
static uint64_t zeros_behind(const struct plan *p, const struct pieces *pieces)
{
	uint64_t odd = pieces_size(pieces, PIECE_INITRD) % INITRD_ALIGN;
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
	return pieces_open(pieces, PIECE_INITRD, zeros_behind(p, pieces));
}

uint64_t output_initrd_size(const struct plan *p, const struct pieces *pieces)
{
	return pieces_size(pieces, PIECE_INITRD) + zeros_behind(p, pieces);
}

static int write_microcode(
	const struct plan *p, const struct pieces *pieces, struct writer *to, struct werr **err)
{
	const struct piece *ucode = pieces_last(pieces, PIECE_UCODE);
	uint64_t odd = ucode ? ucode->size % INITRD_ALIGN : 0;
	int r = ucode ? write_piece(pieces, PIECE_UCODE, to, err) : 0;

	if (r == 0 && odd && p->options.compression.codec == CODEC_NONE)
		r = writer_fill(to, 0, INITRD_ALIGN - odd, err);
	return r;
}

/*
 * Microcode must come first, and uncompressed (the kernel's Documentation/arch/x86/microcode.rst).
 */
static int write_initrd(
	const struct plan *p, const struct pieces *pieces, struct writer *to, struct werr **err)
{
	CLEANUP(reader) struct reader *archives = output_open_initrd(p, pieces);
	int r = write_microcode(p, pieces, to, err);

	return r < 0 ? r : io_copy(archives, to, NULL, err);
}

const struct format formats[] = {
	{
		.name = "kernel+initrd",
		.kinds = {[PIECE_INITRD] = true,
			[PIECE_LOSSES] = true,
			[PIECE_KERNEL] = true,
			[PIECE_CMDLINE] = true,
			[PIECE_UCODE] = true},
		.files = {{"-kernel", write_kernel}, {"-initrd.img", write_initrd},
			{"-cmdline", write_cmdline}},
	},
	{
		.name = "tar-kernel-initrd",
		.kinds = {[PIECE_INITRD] = true,
			[PIECE_LOSSES] = true,
			[PIECE_KERNEL] = true,
			[PIECE_CMDLINE] = true,
			[PIECE_UCODE] = true},
		.files = {{"-initrd.tar", output_write_kernel_tar}},
	},
	{
		.name = "tar",
		.stream = true,
		.kinds = {[PIECE_TAR] = true},
		.files = {{".tar", output_write_tar}},
	},
	{
		.name = "docker",
		.stream = true,
		.kinds = {[PIECE_TAR] = true},
		.files = {{".docker", output_write_docker}},
	},
	{0},
};

static const char *const names[] = {"kernel+initrd", "tar-kernel-initrd", "tar", "docker", NULL};

const char *const *build_formats(void)
{
	return names;
}

static const char *const later[] = {"kernel+squashfs", "kernel+erofs", "kernel+iso", "iso-bios",
	"iso-efi", "iso-efi-initrd", "raw-bios", "raw-efi", "qcow2-bios", "qcow2-efi", "vmdk",
	"vhd", "dynamic-vhd", "aws", "gcp", "rpi3", NULL};

const char *const *build_formats_later(void)
{
	return later;
}

const struct format *format_find(const char *name)
{
	for (const struct format *f = formats; f->name; f++)
		if (str_eq(f->name, name))
			return f;
	return NULL;
}
