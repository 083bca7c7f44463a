/* SPDX-License-Identifier: Apache-2.0 */
/* Squashfs by libsquashfs: the order of the whole, and the bytes of the files. */
#include "fs/squashfs-impl.h"

#include <stdlib.h>

#include "base/cancel.h"
#include "base/mem.h"
#include "base/pool.h"
#include "base/str.h"

enum {
	BLOCK = 128 << 10,
	LEVEL = 6,             /* of the higher ones 9 takes half as long again for 1 % */
	BLOCKS_IN_FLIGHT = 10, /* for each thread */
	DISK_BLOCK = 4096,     /* the image can be a disk with sectors of that size */
};

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

static int set_failure(struct squashfs *s, int code, struct werr **err)
{
	if (code == SQFS_ERROR_IO) {
		int r = werr_errno(
			err, s->scratch.errnum, "can't use a file in %s", s->scratch.dir);

		werr_hint(err, "the image is made in a file in %s, which needs room for it",
			s->scratch.dir);
		return r;
	}
	for (size_t i = 0; i < ARRAY_SIZE(failures); i++)
		if (failures[i].code == code)
			return werr_set(err, failures[i].kind, "%s", failures[i].text);
	return werr_set(err, WERR_FAILED, "libsquashfs fails with error %d", code);
}

int squashfs_result(struct squashfs *s, int code, const struct tree_node *n, struct werr **err)
{
	CLEANUP(free) char *path = NULL;
	int r;

	if (code == 0)
		return 0;
	path = n ? tree_path(n) : NULL;
	r = set_failure(s, code, err);
	if (path)
		werr_wrap(err, "/%s", path);
	return r;
}

/* ---- setting up ---- */

static int open_compressor(sqfs_u16 flags, sqfs_compressor_t **ret)
{
	sqfs_compressor_config_t c;
	int r = sqfs_compressor_config_init(&c, SQFS_COMP_ZSTD, BLOCK, flags);

	c.level = LEVEL;
	return r == 0 ? sqfs_compressor_create(&c, ret) : r;
}

/* The superblock is written again at the end; here it takes its place. */
static int write_head(struct squashfs *s)
{
	int r = open_compressor(0, &s->pack);

	if (r == 0)
		r = open_compressor(SQFS_COMP_FLAG_UNCOMPRESS, &s->unpack);
	if (r == 0)
		r = sqfs_super_init(&s->super, BLOCK, s->options->time, SQFS_COMP_ZSTD);
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
	unsigned threads = s->options->threads ? s->options->threads : pool_processors();
	sqfs_file_t *file = &s->scratch.file;

	s->blocks = sqfs_block_writer_create(file, DISK_BLOCK, 0);
	s->fragments = sqfs_frag_table_create(0);
	s->ids = sqfs_id_table_create(0);
	s->xattrs = sqfs_xattr_writer_create(0);
	s->inodes = sqfs_meta_writer_create(file, s->pack, 0);
	s->names = sqfs_meta_writer_create(file, s->pack, SQFS_META_WRITER_KEEP_IN_MEMORY);
	s->directory = s->names ? sqfs_dir_writer_create(s->names, 0) : NULL;
	if (!s->blocks || !s->fragments || !s->ids || !s->xattrs || !s->inodes || !s->directory)
		return SQFS_ERROR_ALLOC;
	/* With file and uncmp what looks equal by its 32 bits of checksum is compared. */
	return sqfs_block_processor_create_ex(
		&(sqfs_block_processor_desc_t){.size = sizeof(sqfs_block_processor_desc_t),
			.max_block_size = BLOCK,
			.num_workers = threads,
			.max_backlog = threads * BLOCKS_IN_FLIGHT,
			.cmp = s->pack,
			.wr = s->blocks,
			.tbl = s->fragments,
			.file = file,
			.uncmp = s->unpack},
		&s->data);
}

static void squashfs_cleanup(struct squashfs *s)
{
	sqfs_destroy(s->data); /* its threads use the others */
	for (size_t i = 0; i < s->n_slots; i++)
		sqfs_free(s->slots[i].inode);
	free(s->slots);
	sqfs_destroy(s->directory);
	sqfs_destroy(s->names);
	sqfs_destroy(s->inodes);
	sqfs_destroy(s->xattrs);
	sqfs_destroy(s->ids);
	sqfs_destroy(s->fragments);
	sqfs_destroy(s->blocks);
	sqfs_destroy(s->unpack);
	sqfs_destroy(s->pack);
	scratch_cleanup(&s->scratch);
}

/* ---- the bytes of files ---- */

static int compare_slots(const void *a, const void *b)
{
	const struct inode_slot *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

struct inode_slot *squashfs_slot(const struct squashfs *s, const struct tree_node *n)
{
	struct inode_slot wanted = {.id = n->file->id};

	return bsearch(&wanted, s->slots, s->n_slots, sizeof(wanted), compare_slots);
}

static int add_slot(struct tree_node *n, ATTR_UNUSED const char *path, void *ctx, struct werr **err)
{
	struct squashfs *s = ctx;

	if (n->file) {
		mem_grow(&s->slots, s->n_slots, &s->cap_slots, sizeof(*s->slots));
		s->slots[s->n_slots++].id = n->file->id;
	}
	return cancel_check(err);
}

/* A slot for each file, whatever its names; they stay where they are from then on. */
static int make_slots(struct squashfs *s, struct werr **err)
{
	size_t kept = 0;
	int r = tree_walk(s->tree, add_slot, s, err);

	if (r < 0 || s->n_slots == 0)
		return r;
	qsort(s->slots, s->n_slots, sizeof(*s->slots), compare_slots);
	for (size_t i = 0; i < s->n_slots; i++)
		if (kept == 0 || s->slots[i].id != s->slots[kept - 1].id)
			s->slots[kept++] = s->slots[i];
	s->n_slots = kept;
	return 0;
}

struct file_writer {
	struct writer writer, *watch;
	struct squashfs *s;
	const struct tree_node *node;
};

static int file_write(struct writer *w, const void *p, size_t size, struct werr **err)
{
	struct file_writer *f = CONTAINER_OF(w, struct file_writer, writer);
	int r = f->watch ? writer_write(f->watch, p, size, err) : 0;

	if (r < 0)
		return r;
	return squashfs_result(
		f->s, sqfs_block_processor_append(f->s->data, p, size), f->node, err);
}

static int add_file(struct tree_node *n, ATTR_UNUSED const char *path, void *ctx, struct werr **err)
{
	struct squashfs *s = ctx;
	struct file_writer to = {
		.writer.write = file_write, .watch = s->options->watch, .s = s, .node = n};
	CLEANUP(reader) struct reader *content = NULL;
	struct inode_slot *slot;
	int r;

	if (!S_ISREG(n->meta.mode))
		return 0;
	slot = squashfs_slot(s, n);
	if (slot->inode) /* another name of the same file came before */
		return 0;
	content = tree_open_file(s->tree, n);
	r = squashfs_result(
		s, sqfs_block_processor_begin_file(s->data, &slot->inode, NULL, 0), n, err);
	if (r == 0)
		r = io_copy(content, &to.writer, NULL, err);
	return r < 0 ? r : squashfs_result(s, sqfs_block_processor_end_file(s->data), n, err);
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
	s->super.bytes_used = s->scratch.size;
	return r == 0 ? sqfs_super_write(&s->super, file) : r;
}

static int make_image(struct squashfs *s, struct werr **err)
{
	int r = squashfs_result(s, write_head(s), NULL, err);

	if (r == 0)
		r = squashfs_result(s, open_writers(s), NULL, err);
	if (r == 0)
		r = make_slots(s, err);
	if (r == 0)
		r = tree_walk(s->tree, add_file, s, err);
	if (r == 0)
		r = squashfs_result(s, sqfs_block_processor_finish(s->data), NULL, err);
	if (r == 0)
		r = squashfs_write_inodes(s, err);
	return r < 0 ? r : squashfs_result(s, write_tables(s), NULL, err);
}

static int squashfs_write(
	const struct tree *t, const struct fs_options *o, struct writer *to, struct werr **err)
{
	CLEANUP(squashfs) struct squashfs s = {.tree = t, .options = o};
	CLEANUP(reader) struct reader *image = NULL;
	int r = scratch_open(&s.scratch, o->scratch_dir, err);

	if (r == 0)
		r = make_image(&s, err);
	if (r < 0) {
		werr_wrap(err, "make a squashfs");
		return r;
	}
	image = fd_range_reader_new(s.scratch.fd, "the squashfs", 0, s.scratch.size);
	r = io_copy(image, to, NULL, err);
	return r < 0 ? r : writer_fill(to, 0, -s.scratch.size % DISK_BLOCK, err);
}

const struct fs_format fs_squashfs = {"squashfs", squashfs_holds_xattr, squashfs_write};
