/* SPDX-License-Identifier: Apache-2.0 */
/* Tars: the OS itself, or files that an OS consists of. */
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "codec/codec.h"
#include "contract/outputs.h"
#include "look/look-impl.h"
#include "tar/ustar.h"

bool look_is_tar(struct bytes *b)
{
	CLEANUP(reader) struct reader *r = NULL;
	struct ustar h;

	return decompress_wide_reader_new(bytes_reader_new(b, 0, b->size), "it", &r, NULL) == 0 &&
	       reader_read_full(r, &h, sizeof(h), NULL) == 0 && ustar_is_intact(&h);
}

int look_put_tar(struct bytes *b, struct tree *to, struct werr **err)
{
	CLEANUP(reader) struct reader *r = bytes_reader_new(b, 0, b->size);

	return tree_apply_wide_layer(to, r, "the tar", err);
}

static bool has(const struct tree *t, const char *path)
{
	const struct tree_node *n = tree_find(t, path);

	return n && S_ISREG(n->meta.mode);
}

/* What the files of an OS in a tar have in common with no OS's own files. */
static bool holds_parts(const struct tree *t)
{
	const struct tree_node *last = t->root->n ? t->root->children[t->root->n - 1] : NULL;

	return has(t, "disk.raw") || has(t, RPI_FIRST_FILE) ||
	       (has(t, "kernel") && has(t, "cmdline")) ||
	       (last && str_ends_with(last->name, ".vmdk"));
}

static int add_file(struct look *l, const struct tree *t, struct tree_node *n, unsigned depth,
	struct werr **err)
{
	const struct look_kind *kind = look_kind_by_name(n->name);

	if (str_ends_with(n->name, ".vmdk") || str_eq(n->name, "disk.raw"))
		kind = NULL;
	else if (!kind)
		kind = &look_kind_file;
	return look_add(
		l, &(struct look_name){n->name, NULL, depth}, kind, look_file_bytes(t, n), err);
}

static int open_parts(struct look *l, const struct look_thing *t, struct werr **err)
{
	struct tree *tree = NULL;
	int r = look_new_tree(l, true, &tree, err);

	if (r == 0)
		r = look_put_tar(t->bytes, tree, err);
	for (uint32_t i = 0; r == 0 && i < tree->root->n; i++) {
		struct tree_node *n = tree->root->children[i];

		if (S_ISREG(n->meta.mode))
			r = add_file(l, tree, n, t->item.depth + 1, err);
	}
	return r;
}

int look_open_tar(struct look *l, struct look_thing *t, struct werr **err)
{
	struct tree *names = NULL;
	int r = look_new_tree(l, false, &names, err);

	if (r == 0)
		r = look_put_tar(t->bytes, names, err);
	if (r < 0)
		return r;
	if (has(names, "oci-layout") || has(names, "manifest.json")) {
		l->is_images = true;
		return 0;
	}
	if (!holds_parts(names))
		return 0;
	t->role = LOOK_HOLDS;
	return open_parts(l, t, err);
}
