/* SPDX-License-Identifier: Apache-2.0 */
/* EROFS's inodes: how large each is with what belongs to it, and where it lies. */
#include <stdlib.h>
#include <string.h>

#include "base/cancel.h"
#include "base/mem.h"
#include "base/str.h"
#include "fs/erofs-impl.h"

enum { GAPS = 32, GAP_MIN = EROFS_LARGE, LINKS_MAX = 65535, IDS_MAX = 65535 };
enum { MAJOR_MAX = (1 << 12) - 1, MINOR_MAX = (1 << 20) - 1 };

/* ---- finding them ---- */

static uint32_t links_of(const struct tree_node *n)
{
	uint32_t links = 2;

	if (!S_ISDIR(n->meta.mode))
		return n->file ? n->file->links : 1;
	for (uint32_t i = 0; i < n->n; i++)
		links += S_ISDIR(n->children[i]->meta.mode);
	return links;
}

static uint64_t size_of(const struct erofs_inode *i)
{
	const struct tree_node *n = i->node;

	if (S_ISDIR(n->meta.mode))
		return erofs_names_size(n);
	if (S_ISLNK(n->meta.mode))
		return strlen(n->target);
	return i->stored ? i->stored->file->size : 0;
}

/* The short form has the image's time, and less room for numbers. */
static bool is_small(const struct erofs *e, const struct erofs_inode *i)
{
	const struct tree_meta *m = &i->node->meta;

	return m->mtime == e->image->time && m->mtime_nsec == 0 && m->uid <= IDS_MAX &&
	       m->gid <= IDS_MAX && i->links <= LINKS_MAX && i->size <= UINT32_MAX;
}

static bool is_compressed(const struct fs_stored *s)
{
	const uint32_t *units = s->packed->units + s->file->first_unit;

	for (uint32_t u = 1; u < s->file->n_units; u += EROFS_RUN_UNITS)
		if (!(units[u] & EROFS_PLAIN))
			return true;
	return false;
}

/* What follows the inode, if that fits into one block with it. */
static void choose_data(struct erofs_inode *i)
{
	uint32_t rest = (uint32_t)(i->size % FS_BLOCK);

	i->data = EROFS_FLAT;
	if (i->stored && is_compressed(i->stored)) {
		i->data = EROFS_FULL_INDEX;
		/* The index begins at a multiple of 8. */
		i->inlined = erofs_index_size(i->stored->file) + -(i->form + i->xattrs) % 8;
		return;
	}
	if (i->stored && i->stored->file->tail_size == 0)
		return;
	if (rest == 0 || i->form + i->xattrs + rest > FS_BLOCK)
		return;
	i->data = EROFS_INLINE;
	i->inlined = rest;
}

/* Linux, include/linux/kdev_t.h, new_encode_dev(). */
static int check_device(const struct tree_node *n, struct werr **err)
{
	CLEANUP(free) char *path = NULL;

	if (n->meta.major <= MAJOR_MAX && n->meta.minor <= MINOR_MAX)
		return 0;
	path = tree_path(n);
	return werr_set(err, WERR_LIMIT, "/%s: erofs can't hold the device number %u:%u", path,
		n->meta.major, n->meta.minor);
}

static int add_inode(struct erofs *e, struct tree_node *n, struct werr **err)
{
	struct fs_slot *slot = n->file ? packed_image_slot(e->image, n) : NULL;
	struct erofs_inode *i;
	int r;

	mem_grow(&e->inodes, e->n, &e->cap, sizeof(*e->inodes));
	i = &e->inodes[e->n++];
	i->node = n;
	i->links = links_of(n);
	r = check_device(n, err);
	if (r < 0)
		return r;
	if (slot && slot->stored != FS_NONE)
		i->stored = &e->image->stored[slot->stored];
	if (i->stored && i->stored->file->size == 0)
		i->stored = NULL;
	i->size = size_of(i);
	i->form = is_small(e, i) ? EROFS_SMALL : EROFS_LARGE;
	r = erofs_xattrs_size(n, &i->xattrs, err);
	choose_data(i);
	if (slot) {
		slot->number = (uint32_t)e->n - 1;
		slot->written = true;
	}
	return r;
}

static int find(struct tree_node *n, ATTR_UNUSED const char *path, void *ctx, struct werr **err)
{
	struct erofs *e = ctx;
	const struct fs_slot *slot = n->file ? packed_image_slot(e->image, n) : NULL;
	int r = cancel_check(err);

	mem_grow(&e->nodes, e->n_nodes, &e->cap_nodes, sizeof(*e->nodes));
	e->nodes[e->n_nodes++] =
		(struct erofs_node){n, slot && slot->written ? slot->number : (uint32_t)e->n};
	if (r < 0 || (slot && slot->written))
		return r;
	return add_inode(e, n, err);
}

static int compare_nodes(const void *a, const void *b)
{
	uintptr_t x = (uintptr_t)((const struct erofs_node *)a)->node;
	uintptr_t y = (uintptr_t)((const struct erofs_node *)b)->node;

	return (x > y) - (x < y);
}

uint32_t erofs_inode_of(const struct erofs *e, const struct tree_node *n)
{
	const struct erofs_node wanted = {.node = n};
	const struct erofs_node *found =
		bsearch(&wanted, e->nodes, e->n_nodes, sizeof(wanted), compare_nodes);

	return found->inode;
}

/* ---- placing them ---- */

/* Ends of blocks that the next inode did not fit into. */
struct gaps {
	struct {
		uint64_t at;
		uint32_t size;
	} items[GAPS];
	size_t next;
};

static void add_gap(struct gaps *g, uint64_t at, uint32_t size)
{
	if (size < GAP_MIN)
		return;
	g->items[g->next].at = at;
	g->items[g->next].size = size;
	g->next = (g->next + 1) % GAPS;
}

static bool use_gap(struct gaps *g, uint32_t size, uint64_t *ret)
{
	for (size_t i = 0; i < GAPS; i++) {
		if (g->items[i].size < size)
			continue;
		*ret = g->items[i].at;
		g->items[i].at += size;
		g->items[i].size -= size;
		return true;
	}
	return false;
}

/*
 * What fits into a block does not cross the end of one, which the kernel wants of data behind an
 * inode; and no inode does.
 */
static void place(struct erofs *e, struct gaps *g, struct erofs_inode *i)
{
	uint32_t size = i->form + i->xattrs + i->inlined;
	uint32_t room = FS_BLOCK - (uint32_t)(e->end % FS_BLOCK);

	size = (size + EROFS_SMALL - 1) / EROFS_SMALL * EROFS_SMALL;
	if (size <= FS_BLOCK && use_gap(g, size, &i->at))
		return;
	if ((size <= FS_BLOCK && size > room) || i->form > room) {
		add_gap(g, e->end, room);
		e->end += room;
	}
	i->at = e->end;
	e->end += size;
}

int erofs_place_inodes(struct erofs *e, struct werr **err)
{
	struct gaps gaps = {0};
	int r = tree_walk(e->image->tree, find, e, err);

	if (r < 0)
		return r;
	qsort(e->nodes, e->n_nodes, sizeof(*e->nodes), compare_nodes);
	/* The first block is the superblock's alone, as its checksum covers it. */
	e->end = FS_BLOCK;
	for (size_t i = 0; i < e->n; i++)
		place(e, &gaps, &e->inodes[i]);
	return 0;
}
