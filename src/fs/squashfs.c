/* SPDX-License-Identifier: Apache-2.0 */
/* Squashfs: files compressed by zstd, and the image's tables by libsquashfs. */
#include "fs/squashfs-impl.h"

#include <stdlib.h>
#include <string.h>

#define ZSTD_STATIC_LINKING_ONLY /* for ZSTD_c_useRowMatchFinder */
#include <zstd.h>

#include "base/cancel.h"
#include "base/mem.h"
#include "base/str.h"

/* Of a block that is stored as it is (squashfs.rst, "3.3 Inodes"). */
enum { NOT_COMPRESSED = 1 << 24 };

/* ---- errors ---- */

static const struct {
	int code;
	enum werr_kind kind;
	const char *text;
} failures[] = {
	{SQFS_ERROR_ALLOC, WERR_FAILED, "out of memory"},
	{SQFS_ERROR_COMPRESSOR, WERR_FAILED, "zstd failed"},
	{SQFS_ERROR_UNSUPPORTED, WERR_UNSUPPORTED, "squashfs can't hold it"},
	{SQFS_ERROR_OVERFLOW, WERR_LIMIT,
		"it is more than squashfs can hold, which is 65536 owners and groups"},
};

static int set_failure(int code, struct werr **err)
{
	for (size_t i = 0; i < ARRAY_SIZE(failures); i++)
		if (failures[i].code == code)
			return werr_set(err, failures[i].kind, "%s", failures[i].text);
	return werr_set(err, WERR_FAILED, "libsquashfs fails with error %d", code);
}

int squashfs_result(int code, const struct tree_node *n, struct werr **err)
{
	CLEANUP(free) char *path = NULL;
	int r;

	if (code == 0)
		return 0;
	path = n ? tree_path(n) : NULL;
	r = set_failure(code, err);
	if (path)
		werr_wrap(err, "/%s", path);
	return r;
}

/* ---- compressing ---- */

/*
 * By itself libzstd searches blocks of this size in rows only where it has SSE2 or NEON, and finds
 * other matches than where it has not (ZSTD_c_useRowMatchFinder in zstd.h).
 */
static void *open_zstd(void)
{
	ZSTD_CCtx *z = ZSTD_createCCtx();

	if (z &&
		!ZSTD_isError(ZSTD_CCtx_setParameter(z, ZSTD_c_compressionLevel, SQUASHFS_LEVEL)) &&
		!ZSTD_isError(ZSTD_CCtx_setParameter(z, ZSTD_c_useRowMatchFinder, ZSTD_ps_enable)))
		return z;
	ZSTD_freeCCtx(z);
	return NULL;
}

static void close_zstd(void *state)
{
	ZSTD_freeCCtx(state);
}

static int compress(void *state, struct fs_segment *s, ATTR_UNUSED struct werr **err)
{
	size_t n;

	s->n_units = 1;
	s->units[0] = 0;
	if (s->is_zero)
		return 0;
	n = ZSTD_compress2(state, s->out, s->size, s->in, s->size);
	/* What does not get smaller does not fit, either. */
	if (!ZSTD_isError(n) && n < s->size) {
		s->stored = s->units[0] = (uint32_t)n;
		return 0;
	}
	memcpy(s->out, s->in, s->size);
	s->stored = s->size;
	s->units[0] = s->size | NOT_COMPRESSED;
	return 0;
}

/* A block for each 128 KiB; the rest has one as well, or is a tail. */
static bool is_sound(const struct fs_file *f, const uint32_t *units)
{
	uint64_t whole = f->size / SQUASHFS_BLOCK, rest = f->size % SQUASHFS_BLOCK, stored = 0;
	bool is_shared = f->shared != FS_NONE;

	for (uint32_t i = 0; i < f->n_units; i++) {
		uint32_t size = units[i] & ~(uint32_t)NOT_COMPRESSED;

		if (size > SQUASHFS_BLOCK)
			return false;
		stored += size;
	}
	if (is_shared && (f->tail_size != rest || f->shared_at > SQUASHFS_BLOCK - rest))
		return false;
	return stored == f->stored && f->n_units == whole + (rest && !is_shared);
}

/* ---- setting up ---- */

/* The superblock is written again at the end; here it takes its place. */
static int write_head(struct squashfs *s)
{
	sqfs_compressor_config_t c;
	int r = sqfs_compressor_config_init(&c, SQFS_COMP_ZSTD, SQUASHFS_BLOCK, 0);

	c.level = SQUASHFS_LEVEL;
	scratch_init(&s->scratch);
	if (r == 0)
		r = sqfs_compressor_create(&c, &s->pack);
	if (r == 0)
		r = sqfs_super_init(&s->super, SQUASHFS_BLOCK, s->image->time, SQFS_COMP_ZSTD);
	if (r == 0)
		r = sqfs_super_write(&s->super, &s->scratch.file);
	if (r == 0)
		r = s->pack->write_options(s->pack, &s->scratch.file);
	if (r > 0)
		s->super.flags |= SQFS_FLAG_COMPRESSOR_OPTIONS;
	return r < 0 ? r : 0;
}

static int open_writers(struct squashfs *s)
{
	sqfs_file_t *file = &s->scratch.file;

	s->fragments = sqfs_frag_table_create(0);
	s->ids = sqfs_id_table_create(0);
	s->xattrs = sqfs_xattr_writer_create(0);
	s->inodes = sqfs_meta_writer_create(file, s->pack, 0);
	s->names = sqfs_meta_writer_create(file, s->pack, SQFS_META_WRITER_KEEP_IN_MEMORY);
	s->directory = s->names ? sqfs_dir_writer_create(s->names, 0) : NULL;
	if (!s->fragments || !s->ids || !s->xattrs || !s->inodes || !s->directory)
		return SQFS_ERROR_ALLOC;
	return 0;
}

static void squashfs_cleanup(struct squashfs *s)
{
	sqfs_destroy(s->directory);
	sqfs_destroy(s->names);
	sqfs_destroy(s->inodes);
	sqfs_destroy(s->xattrs);
	sqfs_destroy(s->ids);
	sqfs_destroy(s->fragments);
	sqfs_destroy(s->pack);
	scratch_cleanup(&s->scratch);
}

/* ---- the bytes of files ---- */

/* The blocks of tails that are still needed, each once. */
static int place_shared(struct squashfs *s, struct fs_placer *to, struct werr **err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < s->image->n_stored; i++) {
		const struct fs_stored *f = &s->image->stored[i];
		struct fs_part *part = &s->image->parts[f->part];
		const struct fs_shared *block;
		struct io_range range = f->piece;

		if (f->file->shared == FS_NONE || part->shared[f->file->shared] != FS_NONE)
			continue;
		block = &part->packed.shared[f->file->shared];
		range.offset += block->at;
		range.size = block->stored;
		r = squashfs_result(sqfs_frag_table_append(s->fragments, to->at, block->unit,
					    &part->shared[f->file->shared]),
			NULL, err);
		if (r == 0)
			r = fs_place_range(to, &range, err);
	}
	return r;
}

static int place_files(struct squashfs *s, struct fs_placer *to, struct werr **err)
{
	int r = 0;

	for (size_t i = 0; i < s->image->n_parts; i++) {
		struct fs_part *part = &s->image->parts[i];

		part->shared = mem_new_array(uint32_t, part->packed.n_shared);
		for (size_t j = 0; j < part->packed.n_shared; j++)
			part->shared[j] = FS_NONE;
	}
	for (size_t i = 0; r == 0 && i < s->image->n_stored; i++) {
		struct fs_stored *f = &s->image->stored[i];
		struct io_range range = f->piece;

		range.offset += f->file->at;
		range.size = f->file->stored;
		f->at = to->at;
		r = fs_place_range(to, &range, err);
	}
	return r == 0 ? place_shared(s, to, err) : r;
}

/* ---- the whole ---- */

/* In the order of the format; each table fills in the superblock. */
static int write_tables(struct squashfs *s)
{
	sqfs_file_t *file = &s->scratch.file;
	int r = sqfs_frag_table_write(s->fragments, file, &s->super, s->pack);

	if (r == 0)
		r = sqfs_id_table_write(s->ids, file, &s->super, s->pack);
	if (r == 0)
		r = sqfs_xattr_writer_flush(s->xattrs, file, &s->super, s->pack);
	s->super.bytes_used = file->get_size(file);
	return r == 0 ? sqfs_super_write(&s->super, file) : r;
}

/* Copy bytes to memory of the extents. */
static int place_copy(
	struct fs_placer *to, uint64_t at, const void *bytes, size_t size, struct werr **err)
{
	void *own = extents_alloc(to->to, size);
	int r = fs_place_at(to, at, err);

	memcpy(own, bytes, size);
	return r == 0 ? fs_place_bytes(to, own, size, err) : r;
}

static int lay_out(struct packed_image *i, struct extents *ret, struct werr **err)
{
	CLEANUP(squashfs) struct squashfs s = {.image = i};
	struct fs_placer to = {.to = ret};
	void *head;
	int r = squashfs_result(write_head(&s), NULL, err);

	to.at = s.scratch.head_size;
	if (r == 0)
		r = squashfs_result(open_writers(&s), NULL, err);
	if (r == 0)
		r = place_files(&s, &to, err);
	s.scratch.tables_at = to.at;
	if (r == 0)
		r = squashfs_write_inodes(&s, err);
	if (r == 0)
		r = squashfs_result(write_tables(&s), NULL, err);
	if (r == 0)
		r = place_copy(&to, s.scratch.tables_at, s.scratch.tables, s.scratch.n, err);
	if (r == 0)
		r = fs_place_end(&to, err);
	if (r < 0)
		return r;
	head = extents_alloc(ret, s.scratch.head_size);
	memcpy(head, s.scratch.head, s.scratch.head_size);
	return extents_add_bytes(ret, 0, head, s.scratch.head_size, err);
}

const struct packed_format packed_squashfs = {
	.name = "squashfs",
	.holds_xattr = squashfs_holds_xattr,
	.segment = SQUASHFS_BLOCK,
	.shares_tails = true,
	.open = open_zstd,
	.close = close_zstd,
	.compress = compress,
	.is_sound = is_sound,
	.lay_out = lay_out,
};
