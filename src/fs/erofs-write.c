/* SPDX-License-Identifier: Apache-2.0 */
/* Writing EROFS's inodes, each with its attributes and what else follows it. */
#include <stdlib.h>
#include <string.h>

#include "base/cancel.h"
#include "base/endian.h"
#include "base/mem.h"
#include "fs/erofs-impl.h"

enum { ROOM = 256 << 10 };

/* Memory that lives with the extents. */
static unsigned char *take_room(struct erofs *e, size_t size)
{
	unsigned char *p;

	if (size > e->room_size) {
		e->room_size = size > ROOM ? size : ROOM;
		e->room = extents_alloc(e->to.to, e->room_size);
	}
	p = e->room;
	e->room += size;
	e->room_size -= size;
	return p;
}

/* Linux, include/linux/kdev_t.h, new_encode_dev(). */
static uint32_t device_number(const struct tree_meta *m)
{
	return (m->minor & 0xff) | m->major << 8 | (m->minor & ~0xffU) << 12;
}

static uint32_t where(const struct erofs_inode *i)
{
	if (S_ISCHR(i->node->meta.mode) || S_ISBLK(i->node->meta.mode))
		return device_number(&i->node->meta);
	/* Of a compressed file the index tells where it is. */
	if (i->data == EROFS_FULL_INDEX)
		return (uint32_t)(i->stored->file->stored / FS_BLOCK);
	return i->block;
}

/* struct erofs_inode_compact and _extended. */
static void put_inode(const struct erofs *e, const struct erofs_inode *i, unsigned char *to)
{
	const struct tree_meta *m = &i->node->meta;
	bool is_large = i->form == EROFS_LARGE;

	le16_put(to, (uint16_t)(i->data << 1 | (is_large ? EROFS_EXTENDED : 0)));
	le16_put(to + 2, (uint16_t)(i->xattrs ? (i->xattrs - 12) / 4 + 1 : 0));
	le16_put(to + 4, (uint16_t)m->mode);
	le32_put(to + 16, where(i));
	le32_put(to + 20, (uint32_t)(i - e->inodes) + 1);
	if (is_large) {
		le64_put(to + 8, i->size);
		le32_put(to + 24, m->uid);
		le32_put(to + 28, m->gid);
		le64_put(to + 32, (uint64_t)m->mtime);
		le32_put(to + 40, m->mtime_nsec);
		le32_put(to + 44, i->links);
	} else {
		le16_put(to + 6, (uint16_t)i->links);
		le32_put(to + 8, (uint32_t)i->size);
		le16_put(to + 24, (uint16_t)m->uid);
		le16_put(to + 26, (uint16_t)m->gid);
	}
	if (i->xattrs)
		erofs_xattrs_put(i->node, to + i->form);
}

/* A list of names or a target: what is behind the inode, and the blocks before that. */
static void make_own_data(struct erofs *e, struct erofs_inode *i, unsigned char *behind)
{
	size_t inlined = i->data == EROFS_INLINE ? i->inlined : 0, size = (size_t)i->size;
	CLEANUP(free) unsigned char *bytes = mem_alloc((size / FS_BLOCK + 1) * FS_BLOCK);

	if (S_ISDIR(i->node->meta.mode))
		erofs_names_put(e, i->node, bytes);
	else
		memcpy(bytes, i->node->target, size);
	sha256_add(e->hash, bytes, size);
	if (inlined)
		memcpy(behind, bytes + size - inlined, inlined);
	if (size == inlined)
		return;
	i->own = take_room(e, (size_t)erofs_own_blocks(i) * FS_BLOCK);
	memcpy(i->own, bytes, size - inlined);
}

/* The end of a file, from where it is packed. */
static struct io_range tail_of(const struct fs_stored *s)
{
	return (struct io_range){
		s->piece.fd, s->piece.offset + s->file->at + s->file->stored, s->file->tail_size};
}

static int put_one(struct erofs *e, struct erofs_inode *i, struct werr **err)
{
	bool has_tail = i->stored && i->data == EROFS_INLINE;
	size_t head = i->form + i->xattrs, size = head + (has_tail ? 0 : i->inlined);
	/* So that neighbours in the image are neighbours in memory. */
	size_t room = has_tail ? size : (size + EROFS_SMALL - 1) / EROFS_SMALL * EROFS_SMALL;
	unsigned char *bytes = take_room(e, room);
	int r = cancel_check(err);

	put_inode(e, i, bytes);
	if (i->data == EROFS_FULL_INDEX)
		erofs_put_index(i, bytes + (head + 7) / 8 * 8);
	sha256_add(e->hash, bytes, size);
	if (erofs_has_own_data(i))
		make_own_data(e, i, bytes + head);
	if (r == 0)
		r = fs_place_at(&e->to, i->at, err);
	if (r == 0)
		r = fs_place_bytes(&e->to, bytes, room, err);
	if (r == 0 && has_tail) {
		const struct io_range tail = tail_of(i->stored);

		r = fs_place_range(&e->to, &tail, err);
	}
	return r;
}

static int compare_places(const void *a, const void *b)
{
	uint64_t x = (*(const struct erofs_inode *const *)a)->at;
	uint64_t y = (*(const struct erofs_inode *const *)b)->at;

	return (x > y) - (x < y);
}

int erofs_put_inodes(struct erofs *e, struct werr **err)
{
	CLEANUP(free)
	struct erofs_inode **order = mem_new_array(struct erofs_inode *, e->n);
	int r = 0;

	for (size_t i = 0; i < e->n; i++)
		order[i] = &e->inodes[i];
	qsort(order, e->n, sizeof(struct erofs_inode *), compare_places);
	for (size_t i = 0; r == 0 && i < e->n; i++)
		r = put_one(e, order[i], err);
	for (size_t i = 0; r == 0 && i < e->n; i++) {
		const struct erofs_inode *inode = &e->inodes[i];

		if (!inode->own)
			continue;
		r = fs_place_at(&e->to, (uint64_t)inode->block * FS_BLOCK, err);
		if (r == 0)
			r = fs_place_bytes(&e->to, inode->own,
				(size_t)erofs_own_blocks(inode) * FS_BLOCK, err);
	}
	return r;
}

static int put_file(struct erofs *e, const struct fs_stored *s, struct werr **err)
{
	struct io_range range = s->piece;
	int r = fs_place_at(&e->to, s->at * FS_BLOCK, err);

	range.offset += s->file->at;
	range.size = s->file->stored;
	if (r == 0)
		r = fs_place_range(&e->to, &range, err);
	if (r < 0 || !s->needs_tail)
		return r;
	range = tail_of(s);
	return fs_place_range(&e->to, &range, err);
}

int erofs_put_files(struct erofs *e, struct werr **err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < e->image->n_stored; i++) {
		const struct fs_stored *s = &e->image->stored[i];

		sha256_add(e->hash, s->file->digest, SHA256_SIZE);
		if (s->file->stored || s->needs_tail)
			r = put_file(e, s, err);
	}
	return r;
}
