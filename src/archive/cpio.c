/* SPDX-License-Identifier: Apache-2.0 */
/* The newc cpio format. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/str.h"
#include "archive/archive-impl.h"

enum { NAME_BYTES_MAX = 4095, HEAD_MAX = 16 * 1024, ALIGN = 4, BLOCK = 512 };

#define TRAILER "TRAILER!!!"

struct cpio_archiver {
	struct archiver writer;
	struct writer *to;
	uint64_t written;
	uint32_t last_ino;
	struct link_map links; /* value: the inode number; names: still to come */
	size_t unfinished;     /* shared files with names still to come */
	struct buf head;       /* header and name, and a symlink's target */
	char *chunk;
};

struct cpio_fields {
	uint32_t ino, mode, uid, gid, nlink, mtime, size, major, minor;
};

static int out(struct cpio_archiver *c, const void *p, size_t size, struct werr **err)
{
	c->written += size;
	return writer_write(c->to, p, size, err);
}

static size_t padding(uint64_t size, size_t align)
{
	return (size_t)((align - size % align) % align);
}

static void put_header(struct buf *b, const struct cpio_fields *f, const char *name)
{
	size_t name_size = strlen(name) + 1;

	buf_printf(b, "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x", f->ino, f->mode,
		f->uid, f->gid, f->nlink, f->mtime, f->size, 0u, 0u, f->major, f->minor,
		(unsigned)name_size, 0u);
	buf_add(b, name, name_size);
	buf_fill(b, 0, padding(b->len, ALIGN));
}

static uint32_t time_in_32_bits(int64_t seconds)
{
	if (seconds < 0)
		return 0;
	return seconds > UINT32_MAX ? UINT32_MAX : (uint32_t)seconds;
}

static int check(const struct archive_member *e, struct werr **err)
{
	if (strlen(e->path) > NAME_BYTES_MAX || (e->target && strlen(e->target) > NAME_BYTES_MAX))
		return werr_set(err, WERR_LIMIT, "a path of more than %d bytes: %.100s...",
			NAME_BYTES_MAX, e->path);
	if (str_eq(e->path, TRAILER))
		return werr_set(err, WERR_UNSUPPORTED,
			"an initrd cannot hold %s at its root: that name marks its end", e->path);
	if (S_ISREG(e->meta->mode) && e->size > UINT32_MAX)
		return werr_set(err, WERR_UNSUPPORTED,
			"%s is too large: an initrd cannot hold files of 4 GiB or more", e->path);
	return 0;
}

/* Set inode number and link count; returns whether this name, the last one, has the bytes. */
static bool number(struct cpio_archiver *c, const struct archive_member *e, struct cpio_fields *f)
{
	struct link_slot *s;

	f->nlink = S_ISDIR(e->meta->mode) ? 2 : 1;
	if (!e->file_id || S_ISLNK(e->meta->mode)) {
		f->ino = ++c->last_ino;
		return true;
	}
	s = link_map_at(&c->links, e->file_id);
	if (s->value == 0) {
		s->value = ++c->last_ino;
		s->names = e->links;
		c->unfinished++;
	}
	f->ino = (uint32_t)s->value;
	f->nlink = e->links;
	if (s->names > 0 && --s->names == 0)
		c->unfinished--;
	return s->names == 0;
}

static int cpio_add(struct archiver *w, const struct archive_member *e, struct reader *content,
	struct werr **err)
{
	struct cpio_archiver *c = CONTAINER_OF(w, struct cpio_archiver, writer);
	const struct tree_meta *m = e->meta;
	struct cpio_fields f = {.mode = m->mode,
		.uid = m->uid,
		.gid = m->gid,
		.mtime = time_in_32_bits(m->mtime),
		.major = m->major,
		.minor = m->minor};
	bool with_bytes;
	int r = check(e, err);

	if (r < 0)
		return r;
	with_bytes = number(c, e, &f) && S_ISREG(m->mode);
	if (S_ISLNK(m->mode))
		f.size = (uint32_t)strlen(e->target);
	else if (with_bytes)
		f.size = (uint32_t)e->size;
	buf_truncate(&c->head, 0);
	put_header(&c->head, &f, *e->path ? e->path : ".");
	if (S_ISLNK(m->mode)) {
		buf_puts(&c->head, e->target);
		buf_fill(&c->head, 0, padding(c->head.len, ALIGN));
	}
	r = out(c, c->head.data, c->head.len, err);
	if (r < 0 || !with_bytes)
		return r;
	c->written += e->size;
	r = member_write(c->to, e, content, c->chunk, err);
	return r < 0 ? r : out(c, "\0\0\0", padding(e->size, ALIGN), err);
}

static int cpio_finish(struct archiver *w, struct werr **err)
{
	struct cpio_archiver *c = CONTAINER_OF(w, struct cpio_archiver, writer);

	if (c->unfinished)
		return werr_set(err, WERR_INVALID, "%zu hard links lack some of their names",
			c->unfinished);
	buf_truncate(&c->head, 0);
	put_header(&c->head, &(struct cpio_fields){.nlink = 1}, TRAILER);
	buf_fill(&c->head, 0, padding(c->written + c->head.len, BLOCK));
	return out(c, c->head.data, c->head.len, err);
}

static void cpio_free(struct archiver *w)
{
	struct cpio_archiver *c = CONTAINER_OF(w, struct cpio_archiver, writer);

	link_map_clear(&c->links);
	buf_clear(&c->head);
	free(c->chunk);
	free(c);
}

struct archiver *archiver_new_cpio(struct writer *to)
{
	struct cpio_archiver *c = mem_new(struct cpio_archiver);

	c->writer = (struct archiver){.add = cpio_add, .finish = cpio_finish, .free = cpio_free};
	c->to = to;
	c->head = BUF_INIT(HEAD_MAX);
	c->chunk = mem_alloc(IO_CHUNK);
	return &c->writer;
}
