/* SPDX-License-Identifier: Apache-2.0 */
/* The files that a boot loader takes. */
#include "base/mem.h"
#include "contract/cmdline.h"
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
int output_write_cmdline(const struct output_job *job, struct writer *to, struct werr **err)
{
	const struct piece *piece = pieces_last(job->pieces, &encoding_cmdline);

	if (piece && piece->size == 0 && job->plan->config->compat)
		return OUTPUT_NONE;
	return output_write_piece(job->pieces, &encoding_cmdline, to, err);
}

/* The whole OS is in the initrd, or that only finds the OS. */
static const struct encoding *initrd_encoding(const struct output_job *job)
{
	return job->root && job->root->image ? &encoding_boot_initrd : &encoding_initrd;
}

/*
 * What is appended to an initrd later may be an archive that is not compressed. A gzip stream is
 * followed by nothing: programs complain about zeros, and LinuxKit writes none. The kernel takes
 * the end of an lz4 stream for one when a whole word of zeros follows it.
 */
static uint64_t zeros_after(const struct output_job *job)
{
	uint64_t size = pieces_size(job->pieces, initrd_encoding(job)), odd = size % INITRD_ALIGN;
	uint64_t zeros = odd ? INITRD_ALIGN - odd : 0;

	if (size == 0)
		return 0;
	switch (job->plan->options.compression.codec) {
	case CODEC_GZIP:
		return 0;
	case CODEC_LZ4:
		return zeros + INITRD_ALIGN;
	default:
		return zeros;
	}
}

struct reader *output_open_initrd(const struct output_job *job)
{
	return pieces_open(job->pieces, initrd_encoding(job), zeros_after(job));
}

uint64_t output_initrd_size(const struct output_job *job)
{
	return pieces_size(job->pieces, initrd_encoding(job)) + zeros_after(job);
}

static uint64_t zeros_after_microcode(const struct output_job *job, const struct piece *ucode)
{
	uint64_t odd = ucode->size % INITRD_ALIGN;

	return odd && job->plan->options.compression.codec == CODEC_NONE ? INITRD_ALIGN - odd : 0;
}

/* ---- for layouts ---- */

/* Put a piece at the end, and so many zeros behind it. */
static int append(struct extents *to, const struct piece *piece, uint64_t zeros, struct werr **err)
{
	uint64_t at = to->size;

	to->size += piece->size + zeros;
	return extents_add_range(to, at, &(struct io_range){piece->fd, 0, piece->size}, err);
}

static int append_all(const struct output_job *job, const struct encoding *e, struct extents *to,
	struct werr **err)
{
	const struct piece *piece = NULL;
	int r = 0;

	while (r == 0 && (piece = pieces_next(job->pieces, e, piece)))
		r = append(to, piece, 0, err);
	return r;
}

int output_layout_kernel(const struct output_job *job, struct extents *ret, struct werr **err)
{
	const struct piece *piece = pieces_last(job->pieces, &encoding_kernel);

	return piece ? append(ret, piece, 0, err) : 0;
}

/*
 * Microcode must come first, and uncompressed (the kernel's Documentation/arch/x86/microcode.rst).
 */
int output_layout_initrd(const struct output_job *job, struct extents *ret, struct werr **err)
{
	const struct piece *ucode = pieces_last(job->pieces, &encoding_ucode);
	int r = ucode ? append(ret, ucode, zeros_after_microcode(job, ucode), err) : 0;

	if (r == 0)
		r = append_all(job, initrd_encoding(job), ret, err);
	if (r == 0)
		ret->size += zeros_after(job);
	return r;
}

int output_file_initrd(const struct output_job *job, struct extents *ret, struct werr **err)
{
	int r = output_layout_initrd(job, ret, err);

	return r == 0 && ret->size == 0 ? OUTPUT_NONE : r;
}

int output_cmdline(const struct output_job *job, const char *root, char **ret, struct werr **err)
{
	const struct piece *piece = pieces_last(job->pieces, &encoding_cmdline);
	CLEANUP(reader) struct reader *from = piece ? pieces_open_one(piece) : NULL;
	CLEANUP(free) char *text = NULL;
	size_t size;
	int r = from ? reader_read_all(from, CMDLINE_MAX, &text, &size, err) : 0;

	if (r == 0)
		*ret = contract_cmdline(text ? text : "", root);
	return r;
}
