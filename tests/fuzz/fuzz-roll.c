/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Arbitrary bytes as a roll: what was read goes into a tree, as it does for the verbs that look
 * into YAML, and is written and read again.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "archive/roll.h"
#include "base/buf.h"
#include "base/mem.h"
#include "buf-writer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { TEXT_MAX = 64 << 20 };

struct reading {
	struct fill *fill;
	struct archiver *again;
	size_t n;
};

static int take(const struct roll_entry *e, void *ctx, struct werr **err)
{
	struct reading *r = ctx;
	const struct fill_entry *f = &e->entry;
	const struct archive_member m = {.path = f->path,
		.meta = &f->meta,
		.target = f->target,
		.size = f->size,
		.file_id = f->file,
		.links = f->links,
		.source = e->source};

	if (strlen(e->sha256) > SHA256_HEX || f->meta.n_xattrs > TREE_XATTRS_MAX)
		abort();
	/* What does not go into a tree is an error there, and no reason to read no more. */
	(void)fill_add(f, NULL, r->fill, NULL);
	r->n++;
	return r->again->add(r->again, &m, NULL, err);
}

static int count(ATTR_UNUSED const struct roll_entry *e, void *ctx, ATTR_UNUSED struct werr **err)
{
	++*(size_t *)ctx;
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(buf) struct buf text = BUF_INIT(TEXT_MAX);
	struct buf_writer to = BUF_WRITER(&text);
	CLEANUP(archiver) struct archiver *again = archiver_new_roll(&to.writer, false);
	CLEANUP(tree) struct tree *t = NULL;
	CLEANUP(fill) struct fill *fill = NULL;
	struct reading r = {.again = again};
	size_t n = 0;

	if (tree_new(&t, NULL, NULL) < 0)
		abort();
	r.fill = fill = fill_new(t, false);
	if (roll_parse((const char *)data, size, take, &r, NULL) < 0)
		return 0;
	if (again->finish(again, NULL) < 0 ||
		roll_parse(text.data, text.len, count, &n, NULL) < 0 || n != r.n)
		abort();
	return 0;
}
