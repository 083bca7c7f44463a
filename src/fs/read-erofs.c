/* SPDX-License-Identifier: Apache-2.0 */
/* Reading an EROFS: its inodes and directories (Linux, fs/erofs/erofs_fs.h). */
#include <stdlib.h>
#include <string.h>

#include "archive/archive-impl.h"
#include "base/buf.h"
#include "base/cancel.h"
#include "base/endian.h"
#include "base/mem.h"
#include "fs/erofs-read-impl.h"
#include "fs/fs-read.h"

enum {
	SUPER_AT = 1024,
	SUPER_SIZE = 128,
	INODE_UNIT = 32,
	COMPACT = 32,
	EXTENDED = 64,
	IS_EXTENDED = 1,
	XATTR_HEADER = 12,
	DIRENT = 12,
	BLOCK_BITS_MIN = 9,
	BLOCK_BITS_MAX = 16,
	DIRECTORY_MAX = 256 << 20,
};
#define EROFS_MAGIC 0xe0f5e1e2u

struct reading {
	struct erofs_image image;
	int64_t time; /* of inodes that have none */
	fill_visit *visit;
	void *ctx;
	struct buf path;
	size_t entries;
	struct link_map dirs; /* seen, by their inodes' numbers plus 1 */
};

static int broken(const char *what, struct werr **err)
{
	return werr_set(err, WERR_CORRUPT, "the EROFS is broken: %s", what);
}

static int open_image(struct reading *s, struct werr **err)
{
	unsigned char b[SUPER_SIZE];
	int r = bytes_read(s->image.bytes, SUPER_AT, b, sizeof(b), err);

	if (r < 0)
		return r;
	s->image.block_bits = b[12];
	if (le32_get(b) != EROFS_MAGIC || b[12] < BLOCK_BITS_MIN || b[12] > BLOCK_BITS_MAX)
		return werr_set(err, WERR_INVALID, "it is no EROFS");
	s->image.root = le16_get(b + 14);
	s->time = (int64_t)le64_get(b + 24);
	s->image.inodes = (uint64_t)le32_get(b + 40) << b[12];
	return 0;
}

/* ---- inodes ---- */

struct inode {
	struct tree_meta meta;
	struct erofs_found data;
	uint32_t links;
};

/* Linux, include/linux/kdev_t.h, new_decode_dev(). */
static void set_device(struct tree_meta *m, uint32_t number)
{
	if (!S_ISCHR(m->mode) && !S_ISBLK(m->mode))
		return;
	m->major = number >> 8 & 0xfff;
	m->minor = (number & 0xff) | (number >> 12 & 0xfff00);
}

static void set_extended(const unsigned char *b, struct inode *ret)
{
	ret->data.size = le64_get(b + 8);
	ret->meta.uid = le32_get(b + 24);
	ret->meta.gid = le32_get(b + 28);
	ret->meta.mtime = (int64_t)le64_get(b + 32);
	ret->meta.mtime_nsec = le32_get(b + 40);
	ret->links = le32_get(b + 44);
}

static int read_inode(
	const struct reading *s, uint64_t number, struct inode *ret, struct werr **err)
{
	unsigned char b[EXTENDED] = {0};
	uint64_t at;
	unsigned format, xattrs;
	int r;

	if (number > UINT32_MAX * (uint64_t)16)
		return broken("the number of an inode", err);
	at = s->image.inodes + number * INODE_UNIT;
	r = bytes_read(s->image.bytes, at, b, COMPACT, err);
	format = le16_get(b);
	if (r == 0 && format & IS_EXTENDED)
		r = bytes_read(s->image.bytes, at, b, EXTENDED, err);
	if (r < 0)
		return r;
	*ret = (struct inode){.links = le16_get(b + 6)};
	ret->meta.mode = le16_get(b + 4);
	ret->meta.mtime = s->time;
	ret->data.size = le32_get(b + 8);
	ret->meta.uid = le16_get(b + 24);
	ret->meta.gid = le16_get(b + 26);
	if (format & IS_EXTENDED)
		set_extended(b, ret);
	xattrs = le16_get(b + 2);
	ret->data.layout = format >> 1 & 7;
	ret->data.block = le32_get(b + 16);
	ret->data.behind = at + (format & IS_EXTENDED ? EXTENDED : COMPACT) +
			   (xattrs ? XATTR_HEADER + (xattrs - 1) * 4 : 0);
	set_device(&ret->meta, ret->data.block);
	return 0;
}

/* ---- files and directories ---- */

static int read_directory(struct reading *s, const struct inode *dir, struct werr **err);

static int read_target(
	const struct reading *s, const struct inode *i, char **ret, struct werr **err)
{
	CLEANUP(bytes) struct bytes *b = erofs_plain_data(&s->image, &i->data);
	CLEANUP(free) char *target = NULL;
	int r;

	if (!b || b->size > TREE_TARGET_MAX)
		return broken("a symlink", err);
	target = mem_alloc((size_t)b->size + 1);
	r = bytes_read(b, 0, target, (size_t)b->size, err);
	if (r < 0)
		return r;
	target[b->size] = 0;
	*ret = STEAL(target);
	return 0;
}

static int visit_inode(struct reading *s, uint64_t number, struct werr **err)
{
	CLEANUP(free) char *target = NULL;
	CLEANUP(reader) struct reader *content = NULL;
	struct fill_entry e = {.path = buf_str(&s->path), .file = number};
	struct inode i;
	int r = read_inode(s, number, &i, err);

	if (r == 0 && S_ISLNK(i.meta.mode))
		r = read_target(s, &i, &target, err);
	if (r < 0)
		return r;
	e.meta = i.meta;
	e.links = i.links;
	e.target = target;
	if (S_ISREG(i.meta.mode)) {
		e.size = i.data.size;
		content = erofs_data_reader_new(&s->image, &i.data);
	}
	r = s->visit(&e, content, s->ctx, err);
	if (r < 0 || !S_ISDIR(i.meta.mode))
		return r;
	if (link_map_at(&s->dirs, number + 1)->value++)
		return broken("a directory in two places", err);
	return read_directory(s, &i, err);
}

static int visit_name(
	struct reading *s, const char *name, size_t size, uint64_t number, struct werr **err)
{
	size_t start = s->path.len;
	int r;

	if ((size == 1 && name[0] == '.') || (size == 2 && memcmp(name, "..", 2) == 0))
		return 0;
	if (size == 0 || memchr(name, '/', size))
		return broken("a name", err);
	if (start)
		buf_putc(&s->path, '/');
	buf_add(&s->path, name, size);
	if (buf_error(&s->path) || ++s->entries > TREE_NODES_MAX)
		r = werr_set(err, WERR_LIMIT, "the EROFS has too many files, or too deep ones");
	else
		r = cancel_check(err);
	if (r == 0)
		r = visit_inode(s, number, err);
	buf_truncate(&s->path, start);
	return r;
}

/* A block of a directory: entries, and behind them their names. */
static int read_names(struct reading *s, const char *block, size_t size, struct werr **err)
{
	size_t first = size >= DIRENT ? le16_get(block + 8) : 0, n = first / DIRENT;
	int r = 0;

	if (n == 0 || first > size)
		return broken("a directory", err);
	for (size_t i = 0; r == 0 && i < n; i++) {
		const char *entry = block + i * DIRENT;
		size_t at = le16_get(entry + 8),
		       end = i + 1 < n ? le16_get(entry + DIRENT + 8) : size;

		if (at > end || end > size)
			return broken("a directory", err);
		r = visit_name(s, block + at, strnlen(block + at, end - at), le64_get(entry), err);
	}
	return r;
}

static int read_directory(struct reading *s, const struct inode *dir, struct werr **err)
{
	CLEANUP(bytes) struct bytes *b = erofs_plain_data(&s->image, &dir->data);
	CLEANUP(free) char *block = NULL;
	size_t most = (size_t)erofs_block_size(&s->image), got = 1;
	int r = 0;

	if (!b || b->size > DIRECTORY_MAX)
		return broken("a directory", err);
	block = mem_alloc(most);
	for (uint64_t at = 0; r == 0 && at < b->size; at += most) {
		r = bytes_read_some(b, at, block, most, &got, err);
		if (r == 0)
			r = read_names(s, block, got, err);
	}
	return r;
}

int fs_read_erofs(struct bytes *b, fill_visit *visit, void *ctx, struct werr **err)
{
	struct reading s = {.image.bytes = b, .visit = visit, .ctx = ctx};
	int r = open_image(&s, err);

	s.path = BUF_INIT(TREE_PATH_MAX);
	if (r == 0)
		r = visit_inode(&s, s.image.root, err);
	buf_clear(&s.path);
	link_map_clear(&s.dirs);
	return r;
}
