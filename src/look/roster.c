/* SPDX-License-Identifier: Apache-2.0 */
#include "look/roster.h"

#include <stdlib.h>

#include "archive/roll.h"
#include "base/log.h"
#include "base/mem.h"

/* To be counted up when the same bytes give another list. */
static const char form[] = "names 2";

bool roster_key(struct store *s, struct bytes *b, uint64_t at, uint64_t size, struct digest *ret)
{
	CLEANUP(reader) struct reader *from = bytes_reader_new(b, at, size);

	return store_key_of_bytes(s, form, from, ret);
}

/* ---- what is read ---- */

struct noting {
	struct reader reader, *from;
	struct store_code *code;
};

static int noting_read(struct reader *r, void *p, size_t size, size_t *got, struct werr **err)
{
	struct noting *n = CONTAINER_OF(r, struct noting, reader);
	int res = reader_read(n->from, p, size, got, err);

	if (res == 0)
		store_code_add(n->code, p, *got);
	return res;
}

static void noting_free(struct reader *r)
{
	struct noting *n = CONTAINER_OF(r, struct noting, reader);

	reader_free(n->from);
	free(n);
}

struct store_code *roster_code_new(struct store *s)
{
	return store_code_new(s, form);
}

struct reader *roster_reader_new(
	struct bytes *b, uint64_t at, uint64_t size, struct store_code *code)
{
	struct noting *n = mem_new(struct noting);

	*n = (struct noting){{noting_read, noting_free}, bytes_reader_new(b, at, size), code};
	return &n->reader;
}

/* ---- as a roll without hashes ---- */

static int add_name(const struct roll_entry *e, void *ctx, struct werr **err)
{
	struct fill_list *l = ctx;
	struct fill_entry entry = e->entry;

	entry.begins_archive = l->n == 0;
	return fill_list_add(&entry, NULL, l, err);
}

bool roster_find(struct store *s, const struct digest *key, struct fill_list *ret)
{
	CLEANUP(piece) struct piece piece = {.fd = -1};
	CLEANUP(reader) struct reader *from = NULL;

	if (!store_find_piece(s, key, &piece) || piece.fd < 0)
		return false;
	from = fd_range_reader_new(piece.fd, "names", 0, piece.size);
	if (roll_read(from, add_name, ret, NULL) == 0)
		return true;
	fill_list_cleanup(ret);
	return false;
}

struct writing {
	struct archiver *roll;
	size_t archives;
};

static int write_name(const struct fill_entry *e, ATTR_UNUSED struct reader *content, void *ctx,
	struct werr **err)
{
	struct writing *w = ctx;
	const struct archive_member member = {.path = e->path,
		.meta = &e->meta,
		.target = e->target,
		.size = e->size,
		.file_id = e->file,
		.links = e->links};

	w->archives += e->begins_archive;
	/* A roll is of one archive: it doesn't say where another one begins. */
	if (w->archives > 1)
		return werr_set(err, WERR_UNSUPPORTED, "several archives are one unit");
	return w->roll->add(w->roll, &member, NULL, err);
}

void roster_keep(struct store *s, const struct digest *key, const struct fill_list *l)
{
	CLEANUP(piece_writer) struct piece_writer *w = NULL;
	CLEANUP(archiver) struct archiver *roll = NULL;
	CLEANUP(piece) struct piece piece = {.fd = -1};
	CLEANUP(werr) struct werr *why = NULL;
	struct writing writing = {0};
	int r = store_new_piece(s, key, &w, &why);

	if (r == 0) {
		roll = archiver_new_roll(piece_writer_stream(w), false);
		writing.roll = roll;
		r = fill_list_visit(l, write_name, &writing, &why);
	}
	if (r == 0)
		r = roll->finish(roll, &why);
	if (r == 0)
		piece_writer_finish(w, true, true, &piece);
	else
		log_info("the names in an archive are not kept: %s", why->message);
}
