/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Arbitrary bytes as a layer on top of a small one. The result must be a tree as described in
 * tree.h, and the same tree again after it is written as a tar and read.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/str.h"
#include "buf-writer.h"
#include "archive/archive.h"

enum { FILES_MAX = 1 << 20, OUT_MAX = 64 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok)
{
	if (!ok)
		abort();
}

static void make_base(struct tree *t)
{
	static const struct tree_meta dir = {.mode = S_IFDIR | 0700},
				      file = {.mode = S_IFREG | 0644},
				      link = {.mode = S_IFLNK | 0777};

	check(tree_put(t, "a/b", &dir, NULL, NULL, NULL, NULL, NULL) == 0);
	check(tree_put(t, "a/b/f", &file, NULL, NULL, NULL, NULL, NULL) == 0);
	check(tree_link(t, "a/g", tree_find(t, "a/b/f"), NULL) == 0);
	check(tree_put(t, "l", &link, "a/b", NULL, NULL, NULL, NULL) == 0);
}

struct facts {
	struct buf text;
	uint64_t bytes;
	size_t nodes;
};

static int look(struct tree_node *n, const char *path, void *ctx, ATTR_UNUSED struct werr **err)
{
	struct facts *f = ctx;
	CLEANUP(free) char *own_path = tree_path(n);
	const struct tree_meta *m = &n->meta;

	f->nodes++;
	f->bytes += n->file ? n->file->size : 0;
	check(str_eq(path, own_path));
	check(!n->parent == !*path && !strchr(n->name, '/') && !str_eq(n->name, ".."));
	check(S_ISDIR(m->mode) || n->n == 0);
	check(!S_ISREG(m->mode) || n->file);
	check(!S_ISLNK(m->mode) || (n->target && *n->target));
	for (uint32_t i = 0; i < n->n; i++) {
		check(n->children[i]->parent == n);
		check(i == 0 || strcmp(n->children[i - 1]->name, n->children[i]->name) < 0);
	}
	buf_printf(&f->text, "%s %o %u %u %lld.%u %u:%u %s %llu %u\n", path, m->mode, m->uid,
		m->gid, (long long)m->mtime, m->mtime_nsec, m->major, m->minor,
		n->target ? n->target : "", n->file ? (unsigned long long)n->file->size : 0,
		n->file ? n->file->links : 1);
	for (uint32_t i = 0; i < m->n_xattrs; i++)
		buf_printf(&f->text, " %s %zu\n", m->xattrs[i].name, m->xattrs[i].size);
	return 0;
}

static void check_written(const struct tree *t, const struct facts *f)
{
	CLEANUP(buf) struct buf b = BUF_INIT(OUT_MAX);
	struct buf_writer out = BUF_WRITER(&b);
	CLEANUP(archiver) struct archiver *tar = archiver_new_tar(&out.writer);
	CLEANUP(tree) struct tree *again = NULL;
	CLEANUP(reader) struct reader *r = NULL;
	struct facts g = {BUF_INIT(OUT_MAX), 0, 0};

	/* Some xattrs cannot be stored in a tar. */
	if (archiver_add_tree(tar, t, &(struct archive_tree_options){.with_root = true}, NULL) <
			0 ||
		tar->finish(tar, NULL) < 0 || buf_error(&b) < 0)
		return;
	r = mem_reader_new(b.data, b.len);
	check(tree_new(&again, "/tmp", NULL) == 0);
	check(tree_apply_layer(again, r, "again", NULL) == 0);
	check(tree_walk(again, look, &g, NULL) == 0);
	check(str_eq(buf_str(&f->text), buf_str(&g.text)));
	buf_clear(&g.text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(tree) struct tree *t = NULL;
	CLEANUP(reader) struct reader *r = mem_reader_new(data, size);
	CLEANUP(werr) struct werr *err = NULL;
	struct facts f = {BUF_INIT(OUT_MAX), 0, 0};

	check(tree_new(&t, "/tmp", NULL) == 0);
	make_base(t);
	if (tree_apply_layer(t, r, "input", &err) < 0) {
		check(err && *err->message);
		return 0;
	}
	check(tree_walk(t, look, &f, NULL) == 0);
	check(f.nodes == t->nodes);
	if (f.bytes <= FILES_MAX && buf_error(&f.text) == 0)
		check_written(t, &f);
	buf_clear(&f.text);
	return 0;
}
