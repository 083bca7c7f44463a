/* SPDX-License-Identifier: Apache-2.0 */
/* Squashfs's inodes, and its directories, which come after all that is in them. */
#include <string.h>

#include "base/cancel.h"
#include "base/mem.h"
#include "base/str.h"
#include "fs/squashfs-impl.h"

enum { NO_XATTRS = 0xffffffff };

/* Where the inode of a name is. */
struct place {
	sqfs_u64 ref;    /* in the inode table, once it is written */
	sqfs_u32 number; /* from 1; 0: it has none yet */
};

/* Linux, include/linux/kdev_t.h, new_encode_dev(). */
enum { MAJOR_MAX = (1 << 12) - 1, MINOR_MAX = (1 << 20) - 1 };

static sqfs_u32 device_number(const struct tree_meta *m)
{
	return (m->minor & 0xff) | m->major << 8 | (m->minor & ~0xffU) << 12;
}

static sqfs_u32 clamped_time(int64_t t)
{
	return t < 0 ? 0 : t > UINT32_MAX ? UINT32_MAX : (sqfs_u32)t;
}

static sqfs_u32 links_of(const struct tree_node *n)
{
	return n->file ? n->file->links : 1;
}

/* ---- the inodes of names that aren't directories; owned by the caller ---- */

static sqfs_inode_generic_t *file_inode(struct squashfs *s, const struct tree_node *n)
{
	const struct fs_stored *stored = &s->image->stored[packed_image_slot(s->image, n)->stored];
	const struct fs_file *f = stored->file;
	size_t size = f->n_units * sizeof(sqfs_u32);
	sqfs_inode_generic_t *inode = mem_alloc(sizeof(*inode) + size);
	sqfs_inode_file_ext_t *file = &inode->data.file_ext;

	inode->base.type = SQFS_INODE_EXT_FILE;
	inode->payload_bytes_available = inode->payload_bytes_used = (sqfs_u32)size;
	file->blocks_start = stored->at;
	file->file_size = f->size;
	file->nlink = links_of(n);
	file->fragment_idx = file->fragment_offset = FS_NONE;
	file->xattr_idx = FS_NONE;
	if (f->shared != FS_NONE) {
		file->fragment_idx = s->image->parts[stored->part].shared[f->shared];
		file->fragment_offset = f->shared_at;
	}
	for (uint32_t i = 0; i < f->n_units; i++) {
		uint64_t rest = f->size - (uint64_t)i * SQUASHFS_BLOCK;

		inode->extra[i] = stored->packed->units[f->first_unit + i];
		if (inode->extra[i] == 0)
			file->sparse += rest < SQUASHFS_BLOCK ? rest : SQUASHFS_BLOCK;
	}
	return inode;
}

static sqfs_inode_generic_t *symlink_inode(const struct tree_node *n)
{
	size_t size = strlen(n->target);
	sqfs_inode_generic_t *inode = mem_alloc(sizeof(*inode) + size);

	inode->base.type = SQFS_INODE_SLINK;
	inode->data.slink.nlink = links_of(n);
	inode->data.slink.target_size = (sqfs_u32)size;
	memcpy(inode->extra, n->target, size);
	return inode;
}

static sqfs_inode_generic_t *device_inode(const struct tree_node *n)
{
	sqfs_inode_generic_t *inode = mem_new(sqfs_inode_generic_t);

	inode->base.type = S_ISBLK(n->meta.mode) ? SQFS_INODE_BDEV : SQFS_INODE_CDEV;
	inode->data.dev.nlink = links_of(n);
	inode->data.dev.devno = device_number(&n->meta);
	return inode;
}

static sqfs_inode_generic_t *ipc_inode(const struct tree_node *n)
{
	sqfs_inode_generic_t *inode = mem_new(sqfs_inode_generic_t);

	inode->base.type = S_ISFIFO(n->meta.mode) ? SQFS_INODE_FIFO : SQFS_INODE_SOCKET;
	inode->data.ipc.nlink = links_of(n);
	return inode;
}

static int bad_device(const struct tree_node *n, struct werr **err)
{
	CLEANUP(free) char *path = tree_path(n);

	return werr_set(err, WERR_LIMIT, "/%s: squashfs can't hold the device number %u:%u", path,
		n->meta.major, n->meta.minor);
}

static int make_inode(struct squashfs *s, const struct tree_node *n, sqfs_inode_generic_t **ret,
	struct werr **err)
{
	switch (n->meta.mode & S_IFMT) {
	case S_IFREG:
		*ret = file_inode(s, n);
		return 0;
	case S_IFLNK:
		*ret = symlink_inode(n);
		return 0;
	case S_IFIFO:
	case S_IFSOCK:
		*ret = ipc_inode(n);
		return 0;
	default:
		if (n->meta.major > MAJOR_MAX || n->meta.minor > MINOR_MAX)
			return bad_device(n, err);
		*ret = device_inode(n);
		return 0;
	}
}

/* ---- writing one ---- */

bool squashfs_holds_xattr(const char *name)
{
	int prefix = sqfs_get_xattr_prefix_id(name);

	/* Nothing after the prefix is not a name. */
	return prefix >= 0 && !str_eq(name, sqfs_get_xattr_prefix((SQFS_XATTR_TYPE)prefix));
}

static int add_xattrs(struct squashfs *s, const struct tree_node *n, sqfs_u32 *ret)
{
	int r = sqfs_xattr_writer_begin(s->xattrs, 0);

	for (size_t i = 0; r == 0 && i < n->meta.n_xattrs; i++) {
		const struct tree_xattr *x = &n->meta.xattrs[i];

		if (squashfs_holds_xattr(x->name))
			r = sqfs_xattr_writer_add(s->xattrs, x->name, x->value, x->size);
	}
	return r == 0 ? sqfs_xattr_writer_end(s->xattrs, ret) : r;
}

/* What all kinds of inodes have, but for a directory's xattrs. */
static int put_inode(struct squashfs *s, const struct tree_node *n, sqfs_inode_generic_t *inode,
	struct place *place)
{
	sqfs_u64 block;
	sqfs_u32 offset;
	int r;

	inode->base.mode = (sqfs_u16)n->meta.mode;
	inode->base.mod_time = clamped_time(n->meta.mtime);
	inode->base.inode_number = place->number;
	r = sqfs_id_table_id_to_index(s->ids, n->meta.uid, &inode->base.uid_idx);
	if (r == 0)
		r = sqfs_id_table_id_to_index(s->ids, n->meta.gid, &inode->base.gid_idx);
	sqfs_meta_writer_get_position(s->inodes, &block, &offset);
	place->ref = block << 16 | offset;
	return r == 0 ? sqfs_meta_writer_write_inode(s->inodes, inode) : r;
}

static int write_leaf(
	struct squashfs *s, const struct tree_node *n, struct place *place, struct werr **err)
{
	CLEANUP(free) sqfs_inode_generic_t *inode = NULL;
	sqfs_u32 xattrs = NO_XATTRS;
	int r = make_inode(s, n, &inode, err);

	if (r < 0)
		return r;
	r = add_xattrs(s, n, &xattrs);
	if (r == 0)
		r = sqfs_inode_set_xattr_index(inode, xattrs);
	/* Where the short form can say it all. */
	if (r == 0)
		r = sqfs_inode_make_basic(inode);
	if (r == 0)
		r = put_inode(s, n, inode, place);
	return squashfs_result(r, n, err);
}

/* ---- directories ---- */

static int write_names(struct squashfs *s, const struct tree_node *dir, const struct place *places)
{
	int r = sqfs_dir_writer_begin(s->directory, 0);

	for (size_t i = 0; r == 0 && i < dir->n; i++)
		r = sqfs_dir_writer_add_entry(s->directory, dir->children[i]->name,
			places[i].number, places[i].ref, (sqfs_u16)dir->children[i]->meta.mode);
	return r == 0 ? sqfs_dir_writer_end(s->directory) : r;
}

static sqfs_u32 count_directories(const struct tree_node *dir)
{
	sqfs_u32 n = 0;

	for (size_t i = 0; i < dir->n; i++)
		n += S_ISDIR(dir->children[i]->meta.mode);
	return n;
}

static int finish_directory(struct squashfs *s, const struct tree_node *dir, sqfs_u32 parent,
	const struct place *places, struct place *place)
{
	CLEANUP(free) sqfs_inode_generic_t *inode = NULL;
	sqfs_u32 xattrs = NO_XATTRS, links = 2 + count_directories(dir);
	int r = write_names(s, dir, places);

	if (r == 0)
		r = add_xattrs(s, dir, &xattrs);
	if (r < 0)
		return r;
	inode = sqfs_dir_writer_create_inode(s->directory, 0, xattrs, parent);
	if (!inode)
		return SQFS_ERROR_ALLOC;
	if (inode->base.type == SQFS_INODE_DIR)
		inode->data.dir.nlink = links;
	else
		inode->data.dir_ext.nlink = links;
	return put_inode(s, dir, inode, place);
}

/*
 * The names of a directory get numbers that follow each other, which makes its list short. Names of
 * one file share its place.
 */
static struct place *number_names(struct squashfs *s, const struct tree_node *dir)
{
	struct place *places = mem_new_array(struct place, dir->n);

	for (size_t i = 0; i < dir->n; i++) {
		struct fs_slot *slot = dir->children[i]->file
					       ? packed_image_slot(s->image, dir->children[i])
					       : NULL;

		if (slot && slot->number)
			places[i] = (struct place){slot->place, slot->number};
		else
			places[i].number = ++s->super.inode_count;
		if (slot)
			slot->number = places[i].number;
	}
	return places;
}

static int write_directory(struct squashfs *s, const struct tree_node *dir, sqfs_u32 parent,
	struct place *place, struct werr **err);

static int write_child(struct squashfs *s, const struct tree_node *n, sqfs_u32 parent,
	struct place *place, struct werr **err)
{
	struct fs_slot *slot = n->file ? packed_image_slot(s->image, n) : NULL;
	int r = cancel_check(err);

	if (r < 0)
		return r;
	if (S_ISDIR(n->meta.mode))
		return write_directory(s, n, parent, place, err);
	if (slot && slot->written) {
		*place = (struct place){slot->place, slot->number};
		return 0;
	}
	r = write_leaf(s, n, place, err);
	if (slot) {
		slot->place = place->ref;
		slot->written = true;
	}
	return r;
}

/* As deep as the tree, which has its limit (TREE_PATH_MAX). */
static int write_directory(struct squashfs *s, const struct tree_node *dir, sqfs_u32 parent,
	struct place *place, struct werr **err)
{
	CLEANUP(free) struct place *places = number_names(s, dir);

	for (size_t i = 0; i < dir->n; i++) {
		int r = write_child(s, dir->children[i], place->number, &places[i], err);

		if (r < 0)
			return r;
	}
	return squashfs_result(finish_directory(s, dir, parent, places, place), dir, err);
}

int squashfs_write_inodes(struct squashfs *s, struct werr **err)
{
	struct place root = {.number = 1};
	int r;

	s->super.inode_count = 1;
	s->super.inode_table_start = s->scratch.tables_at;
	r = write_directory(s, s->image->tree->root, 0, &root, err);
	if (r < 0)
		return r;
	s->super.root_inode_ref = root.ref;
	r = sqfs_meta_writer_flush(s->inodes);
	if (r == 0)
		r = sqfs_meta_writer_flush(s->names);
	s->super.directory_table_start = s->scratch.tables_at + s->scratch.n;
	if (r == 0)
		r = sqfs_meta_write_write_to_file(s->names);
	return squashfs_result(r, NULL, err);
}
