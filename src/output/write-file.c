/* SPDX-License-Identifier: Apache-2.0 */
/* A file of an output, from whichever source it has. */
#include <string.h>

#include "output/identity.h"
#include "output/kept-hash.h"
#include "output/write.h"

static int layout_piece(const struct output_job *job, struct extents *ret, struct werr **err)
{
	const struct piece *piece = pieces_last(job->pieces, job->file->piece);

	if (!piece)
		return OUTPUT_NONE;
	ret->size = piece->size;
	return extents_add_range(ret, 0, &(struct io_range){piece->fd, 0, piece->size}, err);
}

/* What its bytes are, or what is on its disk; nothing of a file that is written. */
static int lay_out(const struct output_job *job, struct extents *ret, struct werr **err)
{
	const struct output_file *f = job->file;

	if (f->piece)
		return layout_piece(job, ret, err);
	return f->layout ? f->layout(job, ret, err) : 0;
}

/* Are its bytes those that are laid out? */
static bool is_plain(const struct output_file *f)
{
	return !f->write && (!f->disk || f->disk->is_plain);
}

static int write_disk(const struct output_job *job, const struct extents *disk, struct writer *to,
	struct werr **err)
{
	struct disk_options options = job->disk;
	struct identity identity;
	int r = output_identity(job, &identity, err);

	if (r < 0)
		return r;
	_Static_assert(sizeof(options.id) == sizeof(identity.bytes), "both are digests");
	memcpy(options.id, identity.bytes, sizeof(options.id));
	options.name = job->name;
	return job->file->disk->write(disk, &options, to, err);
}

static int write_laid_out(const struct output_job *job, const struct extents *file,
	struct writer *to, struct werr **err)
{
	if (job->file->write)
		return job->file->write(job, to, err);
	return job->file->disk ? write_disk(job, file, to, err)
			       : extents_write(file, 0, file->size, to, err);
}

int output_write_file(const struct output_job *job, struct writer *to, struct werr **err)
{
	CLEANUP(extents) struct extents file = {0};
	int r = lay_out(job, &file, err);

	return r ? r : write_laid_out(job, &file, to, err);
}

static int write_hashed(const struct output_job *job, const struct extents *file, struct writer *to,
	char ret[static SHA256_HEX + 1], struct werr **err)
{
	bool too_sparse = false;
	CLEANUP(sha256) struct sha256 *hash = sha256_new();
	CLEANUP(writer) struct writer *hasher = sha256_behind_writer_new(to, hash, &too_sparse);
	int r = write_laid_out(job, file, hasher, err);

	if (r == 0)
		r = writer_finish(hasher, err);
	if (r == 0 && !too_sparse)
		sha256_hex(hash, ret);
	return r;
}

int output_write_hashed(const struct output_job *job, bool fresh, struct writer *to,
	char ret[static SHA256_HEX + 1], struct werr **err)
{
	const struct disk_format *disk = job->file->disk;
	struct store *store = job->plan->store;
	CLEANUP(extents) struct extents file = {0};
	struct digest key;
	bool has_key;
	int r = lay_out(job, &file, err);

	if (r)
		return r;
	has_key = is_plain(job->file) &&
		  kept_hash_key(job->pieces, &file, disk ? disk->unit : 1, &key);
	if (has_key && !fresh && kept_hash_find(store, &key, ret)) {
		r = write_laid_out(job, &file, to, err);
		return r < 0 ? r : writer_finish(to, err);
	}
	r = write_hashed(job, &file, to, ret, err);
	if (r == 0 && has_key && *ret)
		kept_hash_keep(store, &key, ret);
	return r;
}
