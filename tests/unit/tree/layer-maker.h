/* SPDX-License-Identifier: Apache-2.0 */
/* Layers made by hand, entry by entry, so that they can also be invalid. */
#ifndef WHERRY_TESTS_UNIT_LAYER_MAKER_H
#define WHERRY_TESTS_UNIT_LAYER_MAKER_H

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/str.h"
#include "tar/tar-header.h"
#include "tree/tree.h"

enum { LAYER_MAX = 64 << 20 };

/* One entry of a tar; members that are not set get a sensible value. */
struct item {
	const char *name;
	/*
	 * 0: regular file; '1' hard link, '2' symlink, '5' directory, '3' '4' '6' device, FIFO;
	 * 'x' 'L' 'K' header
	 */
	char type;
	const char *text; /* contents of a file or header, target of a link */
	unsigned mode;
	const char *uid, *mtime; /* the bytes of the field, when not octal zeros */
	const char *major, *minor;
	const char *pax; /* records "key=value\n...", written before the entry */
};

static inline void tar_field(char *field, size_t size, const char *text)
{
	if (text)
		ustar_put_text(field, size, text);
}

static inline void tar_header(struct buf *b, const struct item *i, size_t size)
{
	struct ustar h;

	ustar_init(&h, i->type ? i->type : '0', i->name);
	ustar_put_octal(h.mode, sizeof(h.mode), i->mode ? i->mode : i->type == '5' ? 0755u : 0644u);
	ustar_put_octal(h.size, sizeof(h.size), size);
	tar_field(h.uid, sizeof(h.uid), i->uid);
	tar_field(h.mtime, sizeof(h.mtime), i->mtime);
	tar_field(h.major, sizeof(h.major), i->major);
	tar_field(h.minor, sizeof(h.minor), i->minor);
	if (i->type == '1' || i->type == '2')
		tar_field(h.link, sizeof(h.link), i->text);
	ustar_seal(&h);
	buf_add(b, &h, sizeof(h));
}

static inline void tar_data(struct buf *b, const char *p, size_t size)
{
	buf_add(b, p, size);
	buf_fill(b, 0, tar_padding(size));
}

/* Add a record, given as "key=value\n". */
static inline void pax_record(struct buf *b, const char *record, size_t n)
{
	const char *value = strchr(record, '=') + 1;
	CLEANUP(free) char *key = str_dup_n(record, (size_t)(value - 1 - record));

	tar_record_put(b, key, value, (size_t)(record + n - 1 - value));
}

static inline void tar_item(struct buf *b, const struct item *i)
{
	bool has_data = !i->type || strchr("0xgLKS7", i->type);
	size_t size = has_data && i->text ? strlen(i->text) : 0;

	if (i->pax) {
		CLEANUP(buf) struct buf records = BUF_INIT(1 << 20);

		for (const char *p = i->pax; *p;) {
			size_t n = strcspn(p, "\n") + 1;

			pax_record(&records, p, n);
			p += n;
		}
		tar_header(b, &(struct item){"pax", 'x'}, records.len);
		tar_data(b, records.data, records.len);
	}
	tar_header(b, i, size);
	if (size)
		tar_data(b, i->text, size);
}

/* Add items up to one without a name, then the end of the tar. */
static inline void tar_items(struct buf *b, const struct item *items)
{
	for (; items->name; items++)
		tar_item(b, items);
	buf_fill(b, 0, TAR_END);
}

static inline int apply_bytes(struct tree *t, const void *p, size_t size, struct werr **err)
{
	CLEANUP(reader) struct reader *r = mem_reader_new(p, size);

	return tree_apply_layer(t, r, "layer", err);
}

static inline int apply_items(struct tree *t, const struct item *items, struct werr **err)
{
	CLEANUP(buf) struct buf b = BUF_INIT(LAYER_MAX);

	tar_items(&b, items);
	return apply_bytes(t, b.data, b.len, err);
}

#endif
