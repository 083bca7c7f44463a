/* SPDX-License-Identifier: Apache-2.0 */
/* Trees as text. */
#ifndef WHERRY_TESTS_UNIT_TREE_TEXT_H
#define WHERRY_TESTS_UNIT_TREE_TEXT_H

#include "../check.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/str.h"
#include "tree/tree.h"

enum { TREE_TEXT_MAX = 64 << 20 };

struct describe {
	const struct tree *t;
	struct buf text;
};

static inline int describe_node(struct tree_node *n, const char *path, void *ctx, struct werr **err)
{
	static const char types[] = "?pc?d?b?-?l?s???";
	struct describe *d = ctx;

	buf_printf(&d->text, "%c%03o %s", types[n->meta.mode >> 12], n->meta.mode & 07777,
		*path ? path : "/");
	if (n->target)
		buf_printf(&d->text, " -> %s", n->target);
	if (S_ISREG(n->meta.mode)) {
		CLEANUP(reader) struct reader *r = tree_open_file(d->t, n);
		CLEANUP(free) char *content = NULL;
		size_t size;
		int res = reader_read_all(r, 1 << 20, &content, &size, err);

		if (res < 0)
			return res;
		buf_printf(&d->text, " [%s]", content);
	}
	if (n->file && n->file->links > 1)
		buf_printf(&d->text, " x%u", n->file->links);
	buf_putc(&d->text, '\n');
	return 0;
}

/*
 * A line for each node except the root: "d755 a", "-644 a/b [content] x2", "l777 c -> a". Owned by
 * the caller.
 */
static inline char *tree_text(const struct tree *t)
{
	struct describe d = {t, BUF_INIT(TREE_TEXT_MAX)};
	struct werr *err = NULL;
	char *text;

	assert_ok(tree_walk(t, describe_node, &d, &err), err);
	text = str_dup(strchr(buf_str(&d.text), '\n') + 1);
	buf_clear(&d.text);
	return text;
}

#define assert_tree(t_, text_)                           \
	do {                                             \
		CLEANUP(free) char *is_ = tree_text(t_); \
		assert_string_equal(is_, text_);         \
	} while (0)

#endif
