/* SPDX-License-Identifier: Apache-2.0 */
/* The pax tar format. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "archive/archive-impl.h"
#include "archive/tar-impl.h"
#include "tar/tar-header.h"

struct tar_archiver {
	struct archiver writer;
	struct writer *to;
	struct link_map links; /* path: the file's first name */
	char *chunk;
};

/*
 * Where a path is cut into prefix and name (that slash); the path itself: no prefix; NULL: too
 * long.
 */
static const char *name_start(const char *path)
{
	size_t n = strlen(path);
	const char *cut;

	if (n <= USTAR_NAME)
		return path;
	/* The leftmost cut with a short enough name has the shortest prefix. */
	cut = strchr(path + n - USTAR_NAME - 1, '/');
	if (!cut || !cut[1] || cut == path || cut - path > USTAR_PREFIX)
		return NULL;
	return cut + 1;
}

static void put_path(struct ustar *h, struct pax *pax, const char *path)
{
	const char *name = name_start(path);

	if (!name || pax_needs(path)) {
		pax->path = path;
		ustar_put_text(h->name, sizeof(h->name), path);
		return;
	}
	ustar_put_text(h->name, sizeof(h->name), name);
	if (name > path)
		memcpy(h->prefix, path, (size_t)(name - path) - 1);
}

static int put_device(struct ustar *h, const struct tree_meta *m, struct werr **err)
{
	if (!S_ISCHR(m->mode) && !S_ISBLK(m->mode))
		return 0;
	if (!ustar_put_octal(h->major, sizeof(h->major), m->major) ||
		!ustar_put_octal(h->minor, sizeof(h->minor), m->minor))
		return werr_set(err, WERR_UNSUPPORTED, "the device number %u:%u is too large",
			m->major, m->minor);
	return 0;
}

static void put_meta(struct ustar *h, struct pax *pax, const struct tree_meta *m)
{
	ustar_put_octal(h->mode, sizeof(h->mode), m->mode & 07777);
	pax->uid = ustar_put_octal(h->uid, sizeof(h->uid), m->uid) ? 0 : m->uid;
	pax->gid = ustar_put_octal(h->gid, sizeof(h->gid), m->gid) ? 0 : m->gid;
	pax->meta = m;
	pax->mtime = m->mtime_nsec != 0 || m->mtime < 0 ||
		     !ustar_put_octal(h->mtime, sizeof(h->mtime), (uint64_t)m->mtime);
	if (pax->mtime)
		ustar_put_octal(h->mtime, sizeof(h->mtime), m->mtime < 0 ? 0 : (uint64_t)m->mtime);
}

static char type_of(uint32_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG:
		return '0';
	case S_IFLNK:
		return '2';
	case S_IFCHR:
		return '3';
	case S_IFBLK:
		return '4';
	case S_IFDIR:
		return '5';
	case S_IFIFO:
		return '6';
	default:
		return 0;
	}
}

static int write_block(struct tar_archiver *t, struct ustar *h, struct werr **err)
{
	ustar_seal(h);
	return writer_write(t->to, h, sizeof(*h), err);
}

static int write_padding(struct tar_archiver *t, uint64_t size, struct werr **err)
{
	return writer_fill(t->to, 0, tar_padding(size), err);
}

/* The header of records, which does not depend on the member. */
static int write_pax(struct tar_archiver *t, const struct pax *pax, struct werr **err)
{
	CLEANUP(buf) struct buf records = BUF_INIT(PAX_MAX);
	struct ustar h;
	int r = pax_records(pax, &records, err);

	if (r < 0 || records.len == 0)
		return r;
	ustar_init(&h, 'x', "PaxHeaders");
	ustar_put_octal(h.size, sizeof(h.size), records.len);
	r = write_block(t, &h, err);
	if (r == 0)
		r = writer_write(t->to, records.data, records.len, err);
	return r < 0 ? r : write_padding(t, records.len, err);
}

/*
 * The path as tar has it: a directory ends with a slash, and the root is "./". Owned by the caller.
 */
static char *tar_path(const struct archive_member *e)
{
	if (!*e->path)
		return str_dup("./");
	return str_printf("%s%s", e->path, S_ISDIR(e->meta->mode) ? "/" : "");
}

/* The file's first name, when this is a later one. */
static const char *first_name(struct tar_archiver *t, const struct archive_member *e)
{
	struct link_slot *s = e->file_id ? link_map_at(&t->links, e->file_id) : NULL;

	if (!s || s->path)
		return s ? s->path : NULL;
	s->path = str_dup(e->path);
	return NULL;
}

static int tar_add(struct archiver *w, const struct archive_member *e, struct reader *content,
	struct werr **err)
{
	struct tar_archiver *t = CONTAINER_OF(w, struct tar_archiver, writer);
	const char *first = first_name(t, e), *target = first ? first : e->target;
	bool with_bytes = !first && S_ISREG(e->meta->mode);
	CLEANUP(free) char *path = tar_path(e);
	struct pax pax = {.source = e->source, .location = e->location};
	struct ustar h = {.type = first ? '1' : type_of(e->meta->mode)};
	int r;

	if (!h.type)
		return werr_set(err, WERR_UNSUPPORTED, "%s: a tar cannot hold sockets", e->path);
	put_path(&h, &pax, path);
	put_meta(&h, &pax, first && e->link_meta ? e->link_meta : e->meta);
	if (target && (strlen(target) > sizeof(h.link) || pax_needs(target)))
		pax.target = target;
	if (target)
		ustar_put_text(h.link, sizeof(h.link), target);
	if (!ustar_put_octal(h.size, sizeof(h.size), with_bytes ? e->size : 0))
		pax.size = e->size;
	r = put_device(&h, e->meta, err);
	if (r == 0)
		r = write_pax(t, &pax, err);
	if (r < 0) {
		werr_wrap(err, "%s", e->path);
		return r;
	}
	r = write_block(t, &h, err);
	if (r == 0 && with_bytes)
		r = member_write(t->to, e, content, t->chunk, err);
	if (r == 0 && with_bytes)
		r = write_padding(t, e->size, err);
	return r;
}

static int tar_finish(struct archiver *w, struct werr **err)
{
	struct tar_archiver *t = CONTAINER_OF(w, struct tar_archiver, writer);

	return writer_fill(t->to, 0, TAR_END, err);
}

static void tar_free(struct archiver *w)
{
	struct tar_archiver *t = CONTAINER_OF(w, struct tar_archiver, writer);

	link_map_clear(&t->links);
	free(t->chunk);
	free(t);
}

struct archiver *archiver_new_tar(struct writer *to)
{
	struct tar_archiver *t = mem_new(struct tar_archiver);

	t->writer = (struct archiver){.add = tar_add, .finish = tar_finish, .free = tar_free};
	t->to = to;
	t->chunk = mem_alloc(IO_CHUNK);
	return &t->writer;
}
