/* SPDX-License-Identifier: Apache-2.0 */
/* What an initrd cannot hold: programs' capabilities. */
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/str.h"
#include "output/encoding.h"

enum { TEXT_MAX = 16 << 10, NAMED_MAX = 3 };

struct losses {
	const char *prefix;
	struct buf names;
	size_t n;
};

static int look(struct tree_node *n, const char *path, void *ctx, ATTR_UNUSED struct werr **err)
{
	struct losses *l = ctx;

	if (!tree_meta_has_xattr(&n->meta, TREE_XATTR_CAPABILITY) || l->n++ >= NAMED_MAX)
		return 0;
	buf_printf(&l->names, "%s%s%s%s", l->names.len ? ", " : "", l->prefix,
		*l->prefix ? "/" : "", path);
	return 0;
}

static void find(const struct part_content *c, struct losses *l)
{
	l->prefix = "";
	(void)tree_walk(c->tree, look, l, NULL);
	if (!c->files)
		return;
	l->prefix = c->prefix;
	(void)tree_walk(c->files, look, l, NULL);
}

/* A line about them; NULL: there are none. Owned by the caller. */
static char *losses_text(const struct part_content *c)
{
	struct losses l = {.names = BUF_INIT(TEXT_MAX)};
	char *text = NULL;

	find(c, &l);
	if (l.n > NAMED_MAX)
		buf_printf(&l.names, " and %zu more", l.n - NAMED_MAX);
	if (l.n > 0)
		text = str_printf(
			"an initrd cannot hold file capabilities: %s %s without them, and may "
			"fail for users other than root",
			buf_str(&l.names), l.n == 1 ? "is" : "are");
	buf_clear(&l.names);
	return text;
}

static bool is_there(ATTR_UNUSED const struct encoding *e, const struct part_content *c)
{
	CLEANUP(free) char *text = losses_text(c);

	return text != NULL;
}

static int encode(ATTR_UNUSED const struct encoding *e, const struct part_content *c,
	struct writer *to, struct werr **err)
{
	CLEANUP(free) char *text = losses_text(c);

	return writer_write(to, text, strlen(text), err);
}

const struct encoding encoding_losses = {.name = "losses",
	.is_kept = true,
	.is_warning = true,
	.is_there = is_there,
	.encode = encode};
