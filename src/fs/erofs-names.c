/* SPDX-License-Identifier: Apache-2.0 */
/* EROFS's directories: blocks with entries, sorted by name, and these names; and attributes. */
#include <string.h>

#include "base/endian.h"
#include "base/mem.h"
#include "base/str.h"
#include "fs/erofs-impl.h"

/* ---- names ---- */

enum { ENTRY = 12 };

/* The children, with "." and ".." where they belong among them. */
struct names {
	const struct tree_node *dir;
	uint32_t child;
	int dots; /* that have come already */
};

static bool next_name(struct names *n, const char **name, const struct tree_node **node)
{
	static const char *const dots[] = {".", ".."};
	const struct tree_node *child = n->child < n->dir->n ? n->dir->children[n->child] : NULL;

	if (n->dots < 2 && (!child || strcmp(dots[n->dots], child->name) < 0)) {
		*name = dots[n->dots];
		*node = n->dots == 1 && n->dir->parent ? n->dir->parent : n->dir;
		n->dots++;
		return true;
	}
	if (!child)
		return false;
	*name = child->name;
	*node = child;
	n->child++;
	return true;
}

uint64_t erofs_names_size(const struct tree_node *dir)
{
	struct names names = {.dir = dir};
	const struct tree_node *node;
	const char *name;
	uint64_t full = 0;
	size_t used = 0;

	while (next_name(&names, &name, &node)) {
		size_t size = ENTRY + strlen(name);

		if (used + size > FS_BLOCK) {
			full += FS_BLOCK;
			used = 0;
		}
		used += size;
	}
	return full + used;
}

static uint8_t file_type(uint32_t mode)
{
	static const struct {
		uint32_t format;
		uint8_t type;
	} types[] = {{S_IFREG, 1}, {S_IFDIR, 2}, {S_IFCHR, 3}, {S_IFBLK, 4}, {S_IFIFO, 5},
		{S_IFSOCK, 6}, {S_IFLNK, 7}};

	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (types[i].format == (mode & S_IFMT))
			return types[i].type;
	return 0;
}

/* One block, from what `names` comes to next. */
static void put_block(const struct erofs *e, struct names *names, unsigned char *to)
{
	struct names ahead = *names;
	const struct tree_node *node;
	const char *name;
	size_t n = 0, used = 0, at;

	while (next_name(&ahead, &name, &node) && used + ENTRY + strlen(name) <= FS_BLOCK) {
		used += ENTRY + strlen(name);
		n++;
	}
	at = n * ENTRY;
	for (size_t i = 0; i < n && next_name(names, &name, &node); i++) {
		unsigned char *entry = to + i * ENTRY;

		le64_put(entry, erofs_nid(&e->inodes[erofs_inode_of(e, node)]));
		le16_put(entry + 8, (uint16_t)at);
		entry[10] = file_type(node->meta.mode);
		entry[11] = 0;
		memcpy(to + at, name, strlen(name));
		at += strlen(name);
	}
}

void erofs_names_put(const struct erofs *e, const struct tree_node *dir, unsigned char *to)
{
	struct names names = {.dir = dir};

	while (names.child < dir->n || names.dots < 2) {
		put_block(e, &names, to);
		to += FS_BLOCK;
	}
}

/* ---- extended attributes ---- */

enum { HEADER = 12, ATTRIBUTE = 4, ICOUNT_MAX = 65535 };

static const struct {
	const char *name;
	bool is_whole; /* nothing may follow */
	uint8_t index;
} prefixes[] = {
	{"user.", false, 1},
	{"system.posix_acl_access", true, 2},
	{"system.posix_acl_default", true, 3},
	{"trusted.", false, 4},
	{"security.", false, 6},
};

/* The number of the name's prefix, and what follows it; 0: it has none. */
static uint8_t take_prefix(const char *name, const char **rest)
{
	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++) {
		*rest = str_after(name, prefixes[i].name);
		if (*rest && prefixes[i].is_whole == !**rest && strlen(*rest) <= UINT8_MAX)
			return prefixes[i].index;
	}
	return 0;
}

bool erofs_holds_xattr(const char *name)
{
	const char *rest;

	return take_prefix(name, &rest) != 0;
}

static size_t attribute_size(const struct tree_xattr *x)
{
	const char *rest;

	if (!take_prefix(x->name, &rest))
		return 0;
	return (ATTRIBUTE + strlen(rest) + x->size + 3) / 4 * 4;
}

static int too_large(const struct tree_node *n, struct werr **err)
{
	CLEANUP(free) char *path = tree_path(n);

	return werr_set(
		err, WERR_LIMIT, "/%s: its extended attributes are too large for erofs", path);
}

int erofs_xattrs_size(const struct tree_node *n, uint32_t *ret, struct werr **err)
{
	size_t size = 0;

	for (uint32_t i = 0; i < n->meta.n_xattrs; i++) {
		if (attribute_size(&n->meta.xattrs[i]) && n->meta.xattrs[i].size > UINT16_MAX)
			return too_large(n, err);
		size += attribute_size(&n->meta.xattrs[i]);
	}
	if (size / 4 + 1 > ICOUNT_MAX)
		return too_large(n, err);
	*ret = size ? HEADER + (uint32_t)size : 0;
	return 0;
}

void erofs_xattrs_put(const struct tree_node *n, unsigned char *to)
{
	to += HEADER;
	for (uint32_t i = 0; i < n->meta.n_xattrs; i++) {
		const struct tree_xattr *x = &n->meta.xattrs[i];
		const char *rest;
		uint8_t index = take_prefix(x->name, &rest);

		if (!index)
			continue;
		to[0] = (unsigned char)strlen(rest);
		to[1] = index;
		le16_put(to + 2, (uint16_t)x->size);
		memcpy(to + ATTRIBUTE, rest, strlen(rest));
		memcpy(to + ATTRIBUTE + strlen(rest), x->value, x->size);
		to += attribute_size(x);
	}
}
