/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a squashfs by libsquashfs. */
#include <stdlib.h>
#include <string.h>

#include <sqfs/compressor.h>
#include <sqfs/data_reader.h>
#include <sqfs/dir.h>
#include <sqfs/dir_reader.h>
#include <sqfs/error.h>
#include <sqfs/id_table.h>
#include <sqfs/inode.h>
#include <sqfs/io.h>
#include <sqfs/super.h>

#include "archive/archive-impl.h"
#include "base/buf.h"
#include "base/cancel.h"
#include "base/mem.h"
#include "fs/fs-read.h"

/* What libsquashfs reads from. */
struct source {
	sqfs_file_t file; /* first */
	struct bytes *bytes;
};

static int source_read(sqfs_file_t *f, sqfs_u64 at, void *p, size_t size)
{
	struct source *s = (struct source *)(void *)f;

	return bytes_read(s->bytes, at, p, size, NULL) < 0 ? SQFS_ERROR_OUT_OF_BOUNDS : 0;
}

static int source_write(ATTR_UNUSED sqfs_file_t *f, ATTR_UNUSED sqfs_u64 at,
	ATTR_UNUSED const void *p, ATTR_UNUSED size_t size)
{
	return SQFS_ERROR_UNSUPPORTED;
}

static int source_truncate(ATTR_UNUSED sqfs_file_t *f, ATTR_UNUSED sqfs_u64 size)
{
	return SQFS_ERROR_UNSUPPORTED;
}

static sqfs_u64 source_size(const sqfs_file_t *f)
{
	return ((const struct source *)(const void *)f)->bytes->size;
}

static void source_destroy(ATTR_UNUSED sqfs_object_t *o)
{
}

struct reading {
	struct source source;
	sqfs_super_t super;
	sqfs_compressor_t *codec;
	sqfs_id_table_t *ids;
	sqfs_data_reader_t *data;
	fill_visit *visit;
	void *ctx;
	struct buf path;
	size_t entries;
	struct link_map dirs; /* seen, by their inodes' numbers plus 1 */
};

static void reading_cleanup(struct reading *s)
{
	if (s->data)
		sqfs_destroy(s->data);
	if (s->ids)
		sqfs_destroy(s->ids);
	if (s->codec)
		sqfs_destroy(s->codec);
	buf_clear(&s->path);
	link_map_clear(&s->dirs);
}

static int failed(int code, struct werr **err)
{
	switch (code) {
	case SFQS_ERROR_SUPER_MAGIC:
		return werr_set(err, WERR_INVALID, "it is no squashfs");
	case SFQS_ERROR_SUPER_VERSION:
	case SQFS_ERROR_UNSUPPORTED:
		return werr_set(err, WERR_UNSUPPORTED,
			"the squashfs has a version or a compression that is not known here");
	case SQFS_ERROR_ALLOC:
		return werr_set(err, WERR_LIMIT, "the squashfs needs too much memory");
	default:
		return werr_set(err, WERR_CORRUPT, "the squashfs is broken (%d)", code);
	}
}

/* ---- a file ---- */

struct content {
	struct reader reader;
	struct reading *reading;
	const sqfs_inode_generic_t *inode;
	uint64_t at, size;
};

static int content_read(struct reader *r, void *p, size_t size, size_t *got, struct werr **err)
{
	struct content *c = CONTAINER_OF(r, struct content, reader);
	uint64_t left = c->size - c->at;
	size_t wanted = size < left ? size : (size_t)left;
	sqfs_s32 n;

	if (wanted > INT32_MAX)
		wanted = INT32_MAX;
	n = wanted ? sqfs_data_reader_read(c->reading->data, c->inode, c->at, p, (sqfs_u32)wanted)
		   : 0;
	if (n < 0)
		return failed(n, err);
	if (wanted && n == 0)
		return werr_set(err, WERR_CORRUPT, "a file of the squashfs is cut short");
	c->at += (uint64_t)n;
	*got = (size_t)n;
	return 0;
}

static void content_free(ATTR_UNUSED struct reader *r)
{
}

/* ---- inodes ---- */

static uint32_t links_of(const sqfs_inode_generic_t *i)
{
	switch (i->base.type) {
	case SQFS_INODE_EXT_FILE:
		return i->data.file_ext.nlink;
	case SQFS_INODE_SLINK:
	case SQFS_INODE_EXT_SLINK:
		return i->data.slink.nlink;
	default:
		return 1;
	}
}

/* Linux, include/linux/kdev_t.h, new_decode_dev(). */
static void set_device(struct tree_meta *m, uint32_t number)
{
	m->major = number >> 8 & 0xfff;
	m->minor = (number & 0xff) | (number >> 12 & 0xfff00);
}

static int set_meta(
	struct reading *s, const sqfs_inode_generic_t *i, struct tree_meta *m, struct werr **err)
{
	int code;

	m->mode = i->base.mode;
	m->mtime = i->base.mod_time;
	if (S_ISCHR(m->mode) || S_ISBLK(m->mode))
		set_device(m, i->data.dev.devno);
	code = sqfs_id_table_index_to_id(s->ids, i->base.uid_idx, &m->uid);
	if (code == 0)
		code = sqfs_id_table_index_to_id(s->ids, i->base.gid_idx, &m->gid);
	return code ? failed(code, err) : 0;
}

static int read_directory(struct reading *s, const sqfs_inode_generic_t *dir, struct werr **err);

static int visit_inode(struct reading *s, const sqfs_inode_generic_t *i, struct werr **err)
{
	struct content content = {{content_read, content_free}, s, i, 0, 0};
	struct fill_entry e = {.path = buf_str(&s->path), .links = links_of(i)};
	CLEANUP(free) char *target = NULL;
	bool is_file;
	int r = set_meta(s, i, &e.meta, err);

	if (r < 0)
		return r;
	is_file = S_ISREG(e.meta.mode);
	e.file = i->base.inode_number;
	if (is_file && sqfs_inode_get_file_size(i, &content.size))
		return failed(SQFS_ERROR_CORRUPTED, err);
	e.size = content.size;
	if (S_ISLNK(e.meta.mode)) {
		target = mem_alloc((size_t)i->data.slink.target_size + 1);
		memcpy(target, i->extra, i->data.slink.target_size);
		target[i->data.slink.target_size] = 0;
		e.target = target;
	}
	r = s->visit(&e, is_file ? &content.reader : NULL, s->ctx, err);
	if (r == 0 && S_ISDIR(e.meta.mode))
		r = read_directory(s, i, err);
	return r;
}

/* The entry that was read last: its name is added to the path for the time. */
static int visit_entry(
	struct reading *s, sqfs_dir_reader_t *d, const sqfs_dir_entry_t *entry, struct werr **err)
{
	sqfs_inode_generic_t *inode = NULL;
	size_t start = s->path.len;
	int code = sqfs_dir_reader_get_inode(d, &inode), r;

	if (code)
		return failed(code, err);
	if (start)
		buf_putc(&s->path, '/');
	buf_add(&s->path, entry->name, (size_t)entry->size + 1);
	if (buf_error(&s->path) || ++s->entries > TREE_NODES_MAX)
		r = werr_set(err, WERR_LIMIT, "the squashfs has too many files, or too deep ones");
	else
		r = cancel_check(err);
	if (r == 0)
		r = visit_inode(s, inode, err);
	buf_truncate(&s->path, start);
	sqfs_free(inode);
	return r;
}

static int read_entries(struct reading *s, sqfs_dir_reader_t *d, struct werr **err)
{
	int r = 0;

	while (r == 0) {
		sqfs_dir_entry_t *entry = NULL;
		int code = sqfs_dir_reader_read(d, &entry);

		if (code)
			return code > 0 ? 0 : failed(code, err);
		r = visit_entry(s, d, entry, err);
		sqfs_free(entry);
	}
	return r;
}

/* A path's length bounds the depth. */
static int read_directory(struct reading *s, const sqfs_inode_generic_t *dir, struct werr **err)
{
	sqfs_dir_reader_t *d = sqfs_dir_reader_create(&s->super, s->codec, &s->source.file, 0);
	int code, r;

	if (!d)
		abort();
	if (link_map_at(&s->dirs, (uint64_t)dir->base.inode_number + 1)->value++) {
		sqfs_destroy(d);
		return failed(SQFS_ERROR_LINK_LOOP, err);
	}
	code = sqfs_dir_reader_open_dir(d, dir, 0);
	r = code ? failed(code, err) : read_entries(s, d, err);
	sqfs_destroy(d);
	return r;
}

static int read_root(struct reading *s, struct werr **err)
{
	sqfs_dir_reader_t *d = sqfs_dir_reader_create(&s->super, s->codec, &s->source.file, 0);
	sqfs_inode_generic_t *root = NULL;
	int code, r;

	if (!d)
		abort();
	code = sqfs_dir_reader_get_root_inode(d, &root);
	sqfs_destroy(d);
	if (code)
		return failed(code, err);
	r = S_ISDIR(root->base.mode) ? visit_inode(s, root, err)
				     : failed(SQFS_ERROR_CORRUPTED, err);
	sqfs_free(root);
	return r;
}

static int open_tables(struct reading *s, struct werr **err)
{
	sqfs_compressor_config_t config;
	sqfs_file_t *file = &s->source.file;
	int code = sqfs_super_read(&s->super, file);

	if (code == 0)
		code = sqfs_compressor_config_init(&config, s->super.compression_id,
			s->super.block_size, SQFS_COMP_FLAG_UNCOMPRESS);
	if (code == 0)
		code = sqfs_compressor_create(&config, &s->codec);
	if (code)
		return failed(code, err);
	/* Tables that can't be in it. */
	if (s->super.fragment_entry_count > s->source.bytes->size ||
		s->super.inode_count > s->source.bytes->size)
		return failed(SQFS_ERROR_CORRUPTED, err);
	s->ids = sqfs_id_table_create(0);
	s->data = sqfs_data_reader_create(file, s->super.block_size, s->codec, 0);
	if (!s->ids || !s->data)
		abort();
	code = sqfs_id_table_read(s->ids, file, &s->super, s->codec);
	if (code == 0)
		code = sqfs_data_reader_load_fragment_table(s->data, &s->super);
	return code ? failed(code, err) : 0;
}

int fs_read_squashfs(struct bytes *b, fill_visit *visit, void *ctx, struct werr **err)
{
	CLEANUP(reading)
	struct reading s = {.source = {.bytes = b}, .visit = visit, .ctx = ctx};
	int r;

	s.path = BUF_INIT(TREE_PATH_MAX);
	s.source.file.read_at = source_read;
	s.source.file.write_at = source_write;
	s.source.file.get_size = source_size;
	s.source.file.truncate = source_truncate;
	s.source.file.base.destroy = source_destroy;
	r = open_tables(&s, err);
	return r < 0 ? r : read_root(&s, err);
}
