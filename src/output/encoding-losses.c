/* SPDX-License-Identifier: Apache-2.0 */
/* What an initrd or a file system cannot hold. */
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/str.h"
#include "fs/fs.h"
#include "fs/packed.h"
#include "output/encoding.h"

enum { TEXT_MAX = 16 << 10, NAMED_MAX = 3 };

static bool is_capability(const char *xattr)
{
	return str_eq(xattr, TREE_XATTR_CAPABILITY);
}

static bool is_unknown_to_squashfs(const char *xattr)
{
	return !packed_holds_xattr(&packed_squashfs, xattr);
}

static bool is_unknown_to_erofs(const char *xattr)
{
	return !packed_holds_xattr(&packed_erofs, xattr);
}

static bool is_unknown_to_iso(const char *xattr)
{
	return !fs_iso9660.holds_xattr(xattr);
}

struct loss {
	bool (*is_lost)(const char *xattr);
	const char *rule, *result;
};

static const struct loss in_initrd = {is_capability, "an initrd cannot hold file capabilities",
	"without them, and may fail for users other than root"};
static const struct loss in_squashfs = {is_unknown_to_squashfs,
	"of extended attributes, a squashfs holds only user.*, trusted.* and security.*",
	"without the others"};

static const struct loss in_erofs = {is_unknown_to_erofs,
	"of extended attributes, an erofs holds only user.*, trusted.*, security.* and POSIX ACLs",
	"without the others"};

static const struct loss in_iso = {is_unknown_to_iso,
	"an ISO 9660 cannot hold extended attributes, among them file capabilities",
	"without them, and may fail for users other than root"};

struct losses {
	const struct loss *loss;
	const char *prefix;
	struct buf names;
	size_t n;
};

static bool loses(const struct losses *l, const struct tree_meta *m)
{
	for (size_t i = 0; i < m->n_xattrs; i++)
		if (l->loss->is_lost(m->xattrs[i].name))
			return true;
	return false;
}

static int look(struct tree_node *n, const char *path, void *ctx, ATTR_UNUSED struct werr **err)
{
	struct losses *l = ctx;

	if (!loses(l, &n->meta) || l->n++ >= NAMED_MAX)
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
static char *losses_text(const struct encoding *e, const struct part_content *c)
{
	struct losses l = {
		.loss = e->loss,
		.names = BUF_INIT(TEXT_MAX),
	};
	char *text = NULL;

	find(c, &l);
	if (l.n > NAMED_MAX)
		buf_printf(&l.names, " and %zu more", l.n - NAMED_MAX);
	if (l.n > 0)
		text = str_printf("%s: %s %s %s", l.loss->rule, buf_str(&l.names),
			l.n == 1 ? "is" : "are", l.loss->result);
	buf_clear(&l.names);
	return text;
}

static bool is_there(const struct encoding *e, const struct part_content *c)
{
	CLEANUP(free) char *text = losses_text(e, c);

	return text != NULL;
}

static int encode(const struct encoding *e, const struct part_content *c, struct writer *to,
	struct werr **err)
{
	CLEANUP(free) char *text = losses_text(e, c);

	return writer_write(to, text, strlen(text), err);
}

const struct encoding encoding_losses = {.name = "losses",
	.is_kept = true,
	.is_warning = true,
	.loss = &in_initrd,
	.is_there = is_there,
	.encode = encode};

const struct encoding encoding_squashfs_losses = {.name = "squashfs-losses",
	.is_kept = true,
	.is_warning = true,
	.loss = &in_squashfs,
	.is_there = is_there,
	.encode = encode};

const struct encoding encoding_erofs_losses = {.name = "erofs-losses",
	.is_kept = true,
	.is_warning = true,
	.loss = &in_erofs,
	.is_there = is_there,
	.encode = encode};

const struct encoding encoding_iso_losses = {.name = "iso-losses",
	.is_whole = true,
	.is_kept = true,
	.is_warning = true,
	.loss = &in_iso,
	.is_there = is_there,
	.encode = encode};
