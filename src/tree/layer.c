/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the entries of a layer with libarchive's tar reader; entry.c puts them into the tree. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <archive.h>
#include <archive_entry.h>

#include "base/cancel.h"
#include "base/mem.h"
#include "base/str.h"
#include "codec/codec.h"
#include "tar/tar-libarchive.h"
#include "tar/tar-links.h"
#include "tree/layer-impl.h"

enum {
	CHUNK = 128 * 1024,
	/* The largest header of an entry, with room for all attributes that a node may have. */
	HEADER_MAX = TREE_XATTRS_MAX * TREE_XATTR_SIZE_MAX + (1 << 20),
};

/* A reader as the source of a libarchive archive. */
struct source {
	struct layer layer;
	struct reader *from;
	int result;       /* of the reader, once it failed */
	struct werr *err; /* its error */
	bool begun, in_header;
	uint64_t header_start; /* offset of the header in the unpacked bytes */
	struct tar_links links;
	unsigned char chunk[CHUNK];
};

int layer_check_bomb(const struct layer *l, struct werr **err)
{
	return io_is_bomb(*l->packed, l->unpacked + l->holes) ? io_bomb_error("it", err) : 0;
}

static int check_limits(struct source *s)
{
	if (s->in_header && s->layer.unpacked - s->header_start > HEADER_MAX)
		return tar_refuse_header(HEADER_MAX, &s->err);
	return layer_check_bomb(&s->layer, &s->err);
}

/* Read a whole chunk, or what is left at the end. */
static int fill_chunk(struct source *s, size_t *ret)
{
	size_t n = 0, got = 1;
	int r = 0;

	while (r == 0 && got > 0 && n < sizeof(s->chunk)) {
		r = reader_read(s->from, s->chunk + n, sizeof(s->chunk) - n, &got, &s->err);
		n += r == 0 ? got : 0;
	}
	tar_links_fill(&s->links, s->chunk, n);
	*ret = n;
	return r;
}

static la_ssize_t source_read(struct archive *a, void *ctx, const void **ret)
{
	struct source *s = ctx;
	size_t got = 0;

	/* libarchive may call again after an error, and would accept the second result. */
	if (s->result == 0)
		s->result = cancel_check(&s->err);
	if (s->result == 0)
		s->result = fill_chunk(s, &got);
	s->layer.unpacked += got;
	if (s->result == 0)
		s->result = check_limits(s);
	if (s->result < 0) {
		archive_set_error(a, EIO, "the source failed");
		return ARCHIVE_FATAL;
	}
	*ret = s->chunk;
	return (la_ssize_t)got;
}

static void source_free(struct source *s)
{
	werr_free(s->err);
	tar_links_cleanup(&s->links);
	free(s);
}
DEFINE_CLEANUP(struct source *, source_free, source)

static void archive_cleanup(struct archive **a)
{
	if (*a)
		archive_read_free(*a);
}

int layer_failed(struct archive *a, struct werr **err)
{
	const char *what = archive_error_string(a);

	return werr_set(err, WERR_CORRUPT, "the tar is broken: %s", what ? what : "bad data");
}

/* Report the source's own error if there is one, else libarchive's. */
static int source_failed(struct source *s, struct archive *a, struct werr **err)
{
	if (s->result == 0)
		return layer_failed(a, err);
	werr_pass(err, STEAL(s->err));
	return s->result;
}

char *layer_printable(const char *path)
{
	char *copy = str_dup(path ? path : "an entry");

	for (char *c = copy; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
	return copy;
}

/*
 * Whether the warning is only that a name in a PAX record is not UTF-8, as it should be. Go's
 * archive/tar writes such names unchanged, and libarchive then keeps their bytes. Any other warning
 * means that something cannot be preserved.
 */
static bool is_charset_warning(struct archive *a)
{
	const char *what = archive_error_string(a);

	return what && strstr(what, "can't be converted from");
}

static int next_header(struct source *s, struct archive_entry **ret)
{
	struct archive *a = s->layer.archive;
	int code = s->begun ? archive_read_data_skip(a) : ARCHIVE_OK;

	if (code != ARCHIVE_OK && code != ARCHIVE_EOF)
		return code;
	s->header_start = s->layer.unpacked;
	s->begun = s->in_header = true;
	code = archive_read_next_header(a, ret);
	s->in_header = false;
	return code;
}

/* Read and apply the next entry; *ret_end is set when there is none. */
static int read_entry(struct source *s, bool *ret_end, struct werr **err)
{
	struct archive *a = s->layer.archive;
	struct archive_entry *e = NULL;
	CLEANUP(free) char *path = NULL;
	CLEANUP(werr) struct werr *own = NULL;
	int code = next_header(s, &e), r;

	*ret_end = code == ARCHIVE_EOF;
	if (*ret_end)
		return 0;
	if (code != ARCHIVE_OK && code != ARCHIVE_WARN)
		return source_failed(s, a, err);
	r = code == ARCHIVE_WARN && !is_charset_warning(a) ? layer_failed(a, &own)
							   : layer_add_entry(&s->layer, e, &own);
	if (r == 0)
		return 0;
	if (s->result < 0)
		return source_failed(s, a, err);
	path = layer_printable(archive_entry_pathname(e));
	werr_wrap(&own, "%s", path);
	werr_pass(err, STEAL(own));
	return r;
}

static int read_entries(struct source *s, struct werr **err)
{
	bool end = false;
	int r = 0;

	while (r == 0 && !end)
		r = read_entry(s, &end, err);
	/* libarchive may have taken a read error for the end of the archive. */
	return r == 0 && s->result < 0 ? source_failed(s, s->layer.archive, err) : r;
}

static int read_tar(struct tree *t, struct reader *from, const uint64_t *packed, struct werr **err)
{
	CLEANUP(archive) struct archive *a = archive_read_new();
	CLEANUP(source) struct source *s = mem_new(struct source);

	if (!a)
		abort();
	s->from = from;
	tar_links_init(&s->links);
	s->layer = (struct layer){.tree = t, .archive = a, .packed = packed};
	if (archive_read_support_format_tar(a) != ARCHIVE_OK ||
		archive_read_support_format_empty(a) != ARCHIVE_OK ||
		/* By default on macOS, files named "._x" are read as attributes of other files. */
		archive_read_set_option(a, "tar", "mac-ext", NULL) != ARCHIVE_OK ||
		archive_read_open(a, s, NULL, source_read, NULL) != ARCHIVE_OK)
		return source_failed(s, a, err);
	return read_entries(s, err);
}

static int read_tar_in_utf8(
	struct tree *t, struct reader *from, const uint64_t *packed, struct werr **err)
{
	struct tar_locale locale;
	int r = tar_locale_enter(&locale, err);

	if (r == 0)
		r = read_tar(t, from, packed, err);
	tar_locale_leave(&locale);
	return r;
}

/* The caller keeps the layer's reader, but a decoder takes over what it reads from. */
struct borrowed_reader {
	struct reader reader, *from;
	uint64_t bytes; /* read so far */
};

static int borrowed_read(struct reader *r, void *p, size_t size, size_t *got, struct werr **err)
{
	struct borrowed_reader *b = CONTAINER_OF(r, struct borrowed_reader, reader);
	int res = reader_read(b->from, p, size, got, err);

	if (res == 0)
		b->bytes += *got;
	return res;
}

static void borrowed_free(ATTR_UNUSED struct reader *r)
{
}

static int apply(
	struct tree *t, struct reader *layer, bool wide, const char *name, struct werr **err)
{
	struct borrowed_reader borrowed = {{borrowed_read, borrowed_free}, layer, 0};
	CLEANUP(reader) struct reader *tar = NULL;
	int r = wide ? decompress_wide_reader_new(&borrowed.reader, "the archive", &tar, err)
		     : decompress_reader_new(&borrowed.reader, "the layer", &tar, err);

	if (r == 0)
		r = read_tar_in_utf8(t, tar, &borrowed.bytes, err);
	if (r == 0)
		r = spool_flush(t->spool, err);
	/* The decoder's checksum and the caller's digest are checked only at the very end. */
	if (r == 0)
		r = reader_drain(tar, err);
	if (r == 0)
		r = reader_drain(layer, err);
	if (r < 0)
		werr_wrap(err, "%s", name);
	return r;
}

static void settle_all(struct tree_node *dir)
{
	tree_node_settle(dir);
	for (uint32_t i = 0; i < dir->n; i++)
		settle_all(dir->children[i]);
}

/* Several threads can then read it. */
void tree_settle(struct tree *t)
{
	settle_all(t->root);
}

static int apply_and_settle(
	struct tree *t, struct reader *layer, bool wide, const char *name, struct werr **err)
{
	int r;

	t->layer++;
	r = apply(t, layer, wide, name, err);
	if (t->unsettled)
		tree_settle(t);
	t->unsettled = false;
	return r;
}

int tree_apply_layer(struct tree *t, struct reader *layer, const char *name, struct werr **err)
{
	return apply_and_settle(t, layer, false, name, err);
}

int tree_apply_wide_layer(struct tree *t, struct reader *layer, const char *name, struct werr **err)
{
	return apply_and_settle(t, layer, true, name, err);
}
