/* SPDX-License-Identifier: Apache-2.0 */
/* What a packed part has behind the bytes of its files: its trees, and where the bytes are. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cancel.h"
#include "base/endian.h"
#include "base/mem.h"
#include "base/str.h"
#include "fs/index.h"

enum { HELD = 64 << 10 };

struct index_writer {
	const struct packed_content *content;
	struct fs_names *names;
	const struct tree *tree; /* that is being written */
	bool links;              /* its second pass: names that are hard links */
	struct writer *to;
	struct buf held;
	uint64_t size;
};

/* ---- values ---- */

static void put_u32(struct index_writer *w, uint32_t n)
{
	char bytes[4];

	le32_put(bytes, n);
	buf_add(&w->held, bytes, sizeof(bytes));
}

static void put_u64(struct index_writer *w, uint64_t n)
{
	char bytes[8];

	le64_put(bytes, n);
	buf_add(&w->held, bytes, sizeof(bytes));
}

static void put_bytes(struct index_writer *w, const void *p, size_t size)
{
	put_u32(w, (uint32_t)size);
	buf_add(&w->held, p, size);
}

static void put_text(struct index_writer *w, const char *s)
{
	put_bytes(w, s, strlen(s));
}

static int flush(struct index_writer *w, size_t more, struct werr **err)
{
	int r;

	if (w->held.len == 0 || w->held.len + more < HELD)
		return 0;
	r = writer_write(w->to, w->held.data, w->held.len, err);
	w->size += w->held.len;
	buf_truncate(&w->held, 0);
	return r;
}

/* ---- trees ---- */

static void put_meta(struct index_writer *w, const struct tree_meta *m)
{
	put_u32(w, m->mode);
	put_u32(w, m->uid);
	put_u32(w, m->gid);
	put_u32(w, m->major);
	put_u32(w, m->minor);
	put_u32(w, m->mtime_nsec);
	put_u64(w, (uint64_t)m->mtime);
	put_u32(w, m->n_xattrs);
	for (uint32_t i = 0; i < m->n_xattrs; i++) {
		put_text(w, m->xattrs[i].name);
		put_bytes(w, m->xattrs[i].value, m->xattrs[i].size);
	}
}

static void put_node(struct index_writer *w, const struct tree_node *n, const char *path,
	const struct fs_named *file)
{
	put_u32(w, n->implied ? INDEX_IMPLIED : INDEX_NODE);
	put_text(w, path);
	put_meta(w, &n->meta);
	if (S_ISLNK(n->meta.mode))
		put_text(w, n->target);
	else if (S_ISREG(n->meta.mode))
		put_u32(w, file->number);
}

/* As trees are laid over each other: hard links come after what they are links to. */
static int put_name(struct tree_node *n, const char *path, void *ctx, struct werr **err)
{
	struct index_writer *w = ctx;
	struct fs_named *file;
	int r = cancel_check(err);

	if (r < 0 || (n->link != NULL) != w->links ||
		packed_content_skips(w->content, w->tree, path))
		return r;
	file = n->file ? fs_names_find(w->names, w->tree != w->content->tree, n) : NULL;
	if (file && file->emitted) {
		put_u32(w, INDEX_LINK);
		put_text(w, path);
		put_text(w, file->emitted);
	} else {
		put_node(w, n, path, file);
		if (file && n->file->links > 1)
			file->emitted = str_dup(path);
	}
	return flush(w, 0, err);
}

static int put_tree(struct index_writer *w, const struct tree *t, struct werr **err)
{
	int r;

	w->tree = t;
	w->links = false;
	r = tree_walk(t, put_name, w, err);
	w->links = true;
	if (r == 0)
		r = tree_walk(t, put_name, w, err);
	put_u32(w, INDEX_END);
	return r;
}

/* ---- files ---- */

static int put_files(struct index_writer *w, const struct fs_packed *p, struct werr **err)
{
	int r = 0;

	put_u32(w, (uint32_t)p->n_files);
	for (size_t i = 0; r == 0 && i < p->n_files; i++) {
		const struct fs_file *f = &p->files[i];

		put_u64(w, f->size);
		put_u64(w, f->at);
		put_u64(w, f->stored);
		buf_add(&w->held, f->digest, sizeof(f->digest));
		put_u32(w, f->first_unit);
		put_u32(w, f->n_units);
		put_u32(w, f->tail_size);
		put_u32(w, f->shared);
		put_u32(w, f->shared_at);
		put_u32(w, f->same);
		r = flush(w, 0, err);
	}
	put_u32(w, (uint32_t)p->n_units);
	for (size_t i = 0; r == 0 && i < p->n_units; i++) {
		put_u32(w, p->units[i]);
		r = flush(w, 0, err);
	}
	put_u32(w, (uint32_t)p->n_shared);
	for (size_t i = 0; r == 0 && i < p->n_shared; i++) {
		put_u64(w, p->shared[i].at);
		put_u32(w, p->shared[i].stored);
		put_u32(w, p->shared[i].unit);
		r = flush(w, 0, err);
	}
	return r;
}

int fs_index_write(const struct packed_content *c, struct fs_names *names,
	const struct fs_packed *p, struct writer *to, struct werr **err)
{
	struct index_writer w = {.content = c,
		.names = names,
		.to = to,
		.held = BUF_INIT((TREE_XATTRS_MAX + 1) * TREE_XATTR_SIZE_MAX + 2 * HELD)};
	char end[INDEX_TRAILER];
	int r;

	put_u32(&w, (c->with_root ? INDEX_WITH_ROOT : 0) | (c->files ? INDEX_WITH_FILES : 0) |
			    (c->prefix ? INDEX_WITH_PREFIX : 0));
	put_text(&w, c->prefix ? c->prefix : "");
	r = put_tree(&w, c->tree, err);
	if (r == 0 && c->files)
		r = put_tree(&w, c->files, err);
	if (r == 0)
		r = put_files(&w, p, err);
	if (r == 0)
		r = flush(&w, HELD, err);
	buf_clear(&w.held);
	if (r == 0)
		r = writer_write(to, buf_str(&p->segments), p->segments.len, err);
	le64_put(end, w.size);
	le64_put(end + 8, p->segments.len);
	memcpy(end + 16, INDEX_MAGIC, sizeof(end) - 16);
	return r == 0 ? writer_write(to, end, sizeof(end), err) : r;
}
