/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a packed part's index: trees whose files have numbers instead of bytes. */
#include <stdlib.h>
#include <string.h>

#include "base/cancel.h"
#include "base/endian.h"
#include "base/mem.h"
#include "base/str.h"
#include "fs/index.h"

enum { BUFFER = 64 << 10, FILE_RECORD = 80 };

struct index_reader {
	struct reader *from;
	uint64_t left; /* bytes that were not read from `from` */
	unsigned char *buffer;
	size_t begin, end; /* what of it is to be read */
	int result;        /* of reading; after a failure all values are 0 */
	struct werr **err;
	uint32_t part;
};

/* ---- values ---- */

static bool fail(struct index_reader *r)
{
	if (r->result == 0)
		r->result = index_set_corrupt(r->err);
	return false;
}

static void get_bytes(struct index_reader *r, void *ret, size_t size)
{
	unsigned char *p = ret;

	memset(ret, 0, size);
	while (size > 0 && r->result == 0) {
		size_t n = r->end - r->begin < size ? r->end - r->begin : size;

		memcpy(p, r->buffer + r->begin, n);
		r->begin += n;
		p += n;
		size -= n;
		if (size == 0)
			break;
		n = r->left < BUFFER ? (size_t)r->left : BUFFER;
		if (n == 0) {
			fail(r);
			break;
		}
		r->result = reader_read_full(r->from, r->buffer, n, r->err);
		r->left -= n;
		r->begin = 0;
		r->end = n;
	}
}

static uint32_t get_u32(struct index_reader *r)
{
	unsigned char bytes[4];

	get_bytes(r, bytes, sizeof(bytes));
	return r->result == 0 ? le32_get(bytes) : 0;
}

static uint64_t get_u64(struct index_reader *r)
{
	unsigned char bytes[8];

	get_bytes(r, bytes, sizeof(bytes));
	return r->result == 0 ? le64_get(bytes) : 0;
}

/* Bytes and a NUL; owned by the caller. */
static char *get_text(struct index_reader *r, size_t max, size_t *ret_size)
{
	uint32_t size = get_u32(r);
	char *text;

	if (size > max)
		size = fail(r) ? size : 0;
	text = mem_alloc((size_t)size + 1);
	get_bytes(r, text, size);
	*ret_size = size;
	return text;
}

/* How many records follow that have at least so many bytes each. */
static uint32_t get_count(struct index_reader *r, size_t record)
{
	uint32_t n = get_u32(r);

	if (n > (r->left + (r->end - r->begin)) / record)
		return fail(r) ? n : 0;
	return n;
}

/* ---- trees ---- */

static void clear_xattrs(struct tree_meta *m)
{
	for (uint32_t i = 0; i < m->n_xattrs; i++) {
		free(m->xattrs[i].name);
		free(m->xattrs[i].value);
	}
	free(m->xattrs);
}

static void get_meta(struct index_reader *r, struct tree_meta *ret)
{
	uint32_t n;

	ret->mode = get_u32(r);
	ret->uid = get_u32(r);
	ret->gid = get_u32(r);
	ret->major = get_u32(r);
	ret->minor = get_u32(r);
	ret->mtime_nsec = get_u32(r);
	ret->mtime = (int64_t)get_u64(r);
	n = get_u32(r);
	if (n > TREE_XATTRS_MAX)
		n = fail(r) ? n : 0;
	ret->xattrs = mem_new_array(struct tree_xattr, n);
	for (; ret->n_xattrs < n; ret->n_xattrs++) {
		struct tree_xattr *x = &ret->xattrs[ret->n_xattrs];
		size_t size;

		x->name = get_text(r, TREE_XATTR_SIZE_MAX, &size);
		x->value = get_text(r, TREE_XATTR_SIZE_MAX, &x->size);
	}
}

static int put_node(struct index_reader *r, struct tree *t, const char *path,
	const struct tree_meta *m, bool implied)
{
	CLEANUP(free) char *target = NULL;
	CLEANUP(reader) struct reader *content = NULL;
	struct tree_node *node = NULL;
	unsigned char number[8];
	size_t size;

	if (S_ISLNK(m->mode))
		target = get_text(r, TREE_TARGET_MAX, &size);
	if (S_ISREG(m->mode)) {
		le64_put(number, (uint64_t)r->part << 32 | get_u32(r));
		content = mem_reader_new(number, sizeof(number));
	}
	if (r->result == 0 && !*path)
		return tree_merge(t, "", m, NULL, NULL, NULL, NULL, r->err);
	if (r->result == 0)
		r->result = tree_put(t, path, m, target, content, NULL, &node, r->err);
	if (r->result == 0)
		node->implied = implied;
	return r->result;
}

static int get_link(struct index_reader *r, struct tree *t, const char *path)
{
	size_t size;
	CLEANUP(free) char *target = get_text(r, TREE_PATH_MAX, &size);
	struct tree_node *to = tree_find(t, target);

	if (r->result == 0 && (!to || S_ISDIR(to->meta.mode)))
		fail(r);
	return r->result == 0 ? tree_link(t, path, to, r->err) : r->result;
}

static int get_tree(struct index_reader *r, struct tree *t)
{
	for (uint32_t kind; (kind = get_u32(r)) != INDEX_END && r->result == 0;) {
		size_t size;
		CLEANUP(free) char *path = get_text(r, TREE_PATH_MAX, &size);
		struct tree_meta m = {0};

		if (kind > INDEX_LINK)
			fail(r);
		if (r->result == 0)
			r->result = cancel_check(r->err);
		if (kind == INDEX_LINK && r->result == 0) {
			r->result = get_link(r, t, path);
		} else if (r->result == 0) {
			get_meta(r, &m);
			r->result = put_node(r, t, path, &m, kind == INDEX_IMPLIED);
		}
		clear_xattrs(&m);
	}
	return r->result;
}

/* ---- files ---- */

static void get_file(struct index_reader *r, struct fs_file *f)
{
	f->size = get_u64(r);
	f->at = get_u64(r);
	f->stored = get_u64(r);
	get_bytes(r, f->digest, sizeof(f->digest));
	f->first_unit = get_u32(r);
	f->n_units = get_u32(r);
	f->tail_size = get_u32(r);
	f->shared = get_u32(r);
	f->shared_at = get_u32(r);
	f->same = get_u32(r);
}

/* The tail of a file that is the same as another one is only there with that one. */
static bool is_tail_sound(const struct fs_packed *p, const struct fs_file *f, uint64_t size)
{
	if (f->shared != FS_NONE)
		return f->shared < p->n_shared;
	return &p->files[f->same] != f || f->tail_size <= size - f->at - f->stored;
}

static bool is_file_sound(const struct fs_packed *p, const struct fs_file *f, uint64_t size)
{
	return f->at <= size && f->stored <= size - f->at && f->first_unit <= p->n_units &&
	       f->n_units <= p->n_units - f->first_unit && f->same < p->n_files &&
	       p->files[f->same].same == f->same && is_tail_sound(p, f, size);
}

static bool is_block_sound(const struct fs_shared *s, uint64_t size)
{
	return s->at <= size && s->stored <= size - s->at;
}

static void get_files(struct index_reader *r, struct fs_packed *p, uint64_t data_size)
{
	p->n_files = get_count(r, FILE_RECORD);
	p->files = mem_new_array(struct fs_file, p->n_files);
	for (size_t i = 0; i < p->n_files; i++)
		get_file(r, &p->files[i]);
	p->n_units = get_count(r, sizeof(*p->units));
	p->units = mem_new_array(uint32_t, p->n_units);
	for (size_t i = 0; i < p->n_units; i++)
		p->units[i] = get_u32(r);
	p->n_shared = get_count(r, sizeof(*p->shared));
	p->shared = mem_new_array(struct fs_shared, p->n_shared);
	for (size_t i = 0; i < p->n_shared; i++) {
		p->shared[i].at = get_u64(r);
		p->shared[i].stored = get_u32(r);
		p->shared[i].unit = get_u32(r);
		if (!is_block_sound(&p->shared[i], data_size))
			fail(r);
	}
	for (size_t i = 0; r->result == 0 && i < p->n_files; i++)
		if (!is_file_sound(p, &p->files[i], data_size))
			fail(r);
}

static int get_all(struct index_reader *r, const char *spool_dir, struct packed_content *c,
	struct fs_packed *p, uint64_t data_size)
{
	uint32_t flags = get_u32(r);
	size_t size;
	CLEANUP(free) char *prefix = get_text(r, TREE_PATH_MAX, &size);

	c->with_root = flags & INDEX_WITH_ROOT;
	if (flags & INDEX_WITH_PREFIX)
		c->prefix = c->own_prefix = STEAL(prefix);
	if (r->result == 0)
		r->result = tree_new(&c->tree, spool_dir, r->err);
	if (r->result == 0)
		r->result = get_tree(r, c->tree);
	if (r->result == 0 && flags & INDEX_WITH_FILES)
		r->result = tree_new(&c->files, spool_dir, r->err);
	if (r->result == 0 && c->files)
		r->result = get_tree(r, c->files);
	if (r->result == 0)
		get_files(r, p, data_size);
	return r->result;
}

void packed_content_clear(struct packed_content *c)
{
	if (c->tree)
		tree_free(c->tree);
	if (c->files)
		tree_free(c->files);
	free(c->own_prefix);
	*c = (struct packed_content){0};
}

int fs_index_read(const struct io_range *packed, const char *spool_dir, uint32_t part,
	struct packed_content *content, struct fs_packed *p, struct werr **err)
{
	CLEANUP(reader) struct reader *from = NULL;
	CLEANUP(free) unsigned char *buffer = NULL;
	struct index_reader reader = {.err = err, .part = part};
	struct index_places places;
	int r = index_places_read(packed, &places, err);

	if (r < 0)
		return r;
	from = fd_range_reader_new(
		packed->fd, "a packed part", packed->offset + places.data, places.index);
	reader.left = places.index;
	reader.from = from;
	reader.buffer = buffer = mem_alloc(BUFFER);
	return get_all(&reader, spool_dir, content, p, places.data);
}
