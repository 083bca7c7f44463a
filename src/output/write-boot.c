/* SPDX-License-Identifier: Apache-2.0 */
/* The files that a boot loader takes. */
#include <string.h>

#include "base/mem.h"
#include "contract/cmdline.h"
#include "output/identity.h"
#include "output/write.h"

enum { INITRD_ALIGN = 4 }; /* of an archive that is not compressed, for the kernel */

int output_write_piece(
	const struct pieces *pieces, const struct encoding *e, struct writer *to, struct werr **err)
{
	const struct piece *piece = pieces_last(pieces, e);
	CLEANUP(reader) struct reader *r = piece ? pieces_open_one(piece) : NULL;

	return r ? io_copy(r, to, NULL, err) : OUTPUT_NONE;
}

static int write_disk(const struct output_job *job, struct writer *to, struct werr **err)
{
	CLEANUP(extents) struct extents disk = {0};
	struct disk_options options = job->disk;
	struct identity identity;
	int r = job->file->layout(job, &disk, err);

	if (r == 0)
		r = output_identity(job, &identity, err);
	if (r)
		return r;
	_Static_assert(sizeof(options.id) == sizeof(identity.bytes), "both are digests");
	memcpy(options.id, identity.bytes, sizeof(options.id));
	options.name = job->name;
	return job->file->disk->write(&disk, &options, to, err);
}

int output_write_file(const struct output_job *job, struct writer *to, struct werr **err)
{
	const struct output_file *f = job->file;

	if (f->piece)
		return output_write_piece(job->pieces, f->piece, to, err);
	return f->layout ? write_disk(job, to, err) : f->write(job, to, err);
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

/*
 * Microcode must come first, and uncompressed (the kernel's Documentation/arch/x86/microcode.rst).
 */
int output_write_initrd(const struct output_job *job, struct writer *to, struct werr **err)
{
	CLEANUP(extents) struct extents initrd = {0};
	int r = output_layout_initrd(job, &initrd, err);

	if (r == 0 && initrd.size == 0)
		return OUTPUT_NONE;
	return r < 0 ? r : extents_write(&initrd, 0, initrd.size, to, err);
}

/* Nothing follows the image: what is behind a signature makes that invalid. */
int output_write_uki(const struct output_job *job, struct writer *to, struct werr **err)
{
	CLEANUP(extents) struct extents image = {0};
	int r = output_layout_uki(job, NULL, &image, NULL, err);

	return r < 0 ? r : extents_write(&image, 0, image.size, to, err);
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
