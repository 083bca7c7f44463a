/* SPDX-License-Identifier: Apache-2.0 */
/* Applying one entry of a layer to the tree. */
#include <stdlib.h>
#include <string.h>

#include "base/cancel.h"
#include "base/mem.h"
#include "base/str.h"
#include "tree/layer-impl.h"

/* image-spec layer.md, "Whiteouts" */
#define WHITEOUT        ".wh."
#define WHITEOUT_OPAQUE ".wh..wh..opq"
/* Reserved by AUFS; such an entry is ignored. */
#define WHITEOUT_AUFS ".wh..wh."

enum entry_kind { ENTRY_PLAIN, ENTRY_WHITEOUT, ENTRY_OPAQUE, ENTRY_IGNORED, ENTRY_BAD };

/* The last component of a path, without trailing slashes. */
static const char *last_part(const char *path, size_t *ret_size)
{
	size_t end = strlen(path), start;

	while (end > 0 && path[end - 1] == '/')
		end--;
	start = end;
	while (start > 0 && path[start - 1] != '/')
		start--;
	*ret_size = end - start;
	return path + start;
}

static bool begins(const char *name, size_t size, const char *with)
{
	size_t n = strlen(with);

	return size >= n && memcmp(name, with, n) == 0;
}

static enum entry_kind kind_of(const char *path)
{
	size_t size, prefix = strlen(WHITEOUT);
	const char *last = last_part(path, &size);

	for (const char *p = path; p < last;) {
		size_t n = strcspn(p, "/");

		if (begins(p, n, WHITEOUT_AUFS))
			return ENTRY_IGNORED;
		if (begins(p, n, WHITEOUT))
			return ENTRY_BAD;
		p += n + 1;
	}
	if (!begins(last, size, WHITEOUT))
		return ENTRY_PLAIN;
	if (size == strlen(WHITEOUT_OPAQUE) && begins(last, size, WHITEOUT_OPAQUE))
		return ENTRY_OPAQUE;
	if (begins(last, size, WHITEOUT_AUFS))
		return ENTRY_IGNORED;
	if (size == prefix || (size == prefix + 1 && last[prefix] == '.') ||
		(size == prefix + 2 && begins(last + prefix, 2, "..")))
		return ENTRY_BAD;
	return ENTRY_WHITEOUT;
}

/* A whiteout of something that does not exist has no effect. */
static int apply_whiteout(struct tree *t, const char *path, bool opaque)
{
	size_t size;
	const char *last = last_part(path, &size);
	CLEANUP(free) char *dir_path = str_dup_n(path, (size_t)(last - path));
	struct tree_node *dir = tree_find(t, dir_path), *n;

	if (!dir)
		return 0;
	if (opaque) {
		tree_hide_below(t, dir);
		return 0;
	}
	n = tree_node_child(dir, last + strlen(WHITEOUT), size - strlen(WHITEOUT));
	if (n)
		tree_hide(t, n);
	return 0;
}

static int number_in_32_bits(int64_t value, const char *what, uint32_t *ret, struct werr **err)
{
	if (value < 0 || value > UINT32_MAX)
		return werr_set(
			err, WERR_CORRUPT, "%s %lld is out of range", what, (long long)value);
	*ret = (uint32_t)value;
	return 0;
}

/*
 * An attribute may come twice, in the notation of libarchive and that of star; the last one counts.
 */
static void keep_xattr(struct tree_meta *meta, const char *name, const void *value, size_t size)
{
	struct tree_xattr *x = meta->xattrs, *end = x + meta->n_xattrs;

	while (x < end && !str_eq(x->name, name))
		x++;
	if (x == end) {
		x->name = str_dup(name);
		meta->n_xattrs++;
	}
	free(x->value);
	x->value = mem_dup(value, size);
	x->size = size;
}

static int read_xattrs(struct archive_entry *e, struct tree_meta *meta, struct werr **err)
{
	int n = archive_entry_xattr_reset(e);
	const char *name;
	const void *value;
	size_t size;

	if (n > 2 * TREE_XATTRS_MAX)
		return werr_set(
			err, WERR_LIMIT, "more than %d extended attributes", TREE_XATTRS_MAX);
	if (n > 0)
		meta->xattrs = mem_new_array(struct tree_xattr, (size_t)n);
	while (n > 0 && archive_entry_xattr_next(e, &name, &value, &size) == ARCHIVE_OK)
		if (name && *name)
			keep_xattr(meta, name, value, size);
	return 0;
}

static int read_meta(struct archive_entry *e, struct tree_meta *meta, struct werr **err)
{
	int r = number_in_32_bits(archive_entry_uid(e), "the user id", &meta->uid, err);

	if (r == 0)
		r = number_in_32_bits(archive_entry_gid(e), "the group id", &meta->gid, err);
	if (r == 0)
		r = number_in_32_bits((int64_t)archive_entry_rdevmajor(e),
			"the device's major number", &meta->major, err);
	if (r == 0)
		r = number_in_32_bits((int64_t)archive_entry_rdevminor(e),
			"the device's minor number", &meta->minor, err);
	if (r < 0)
		return r;
	meta->mode = archive_entry_filetype(e) | (archive_entry_perm(e) & 07777);
	if (!S_ISCHR(meta->mode) && !S_ISBLK(meta->mode))
		meta->major = meta->minor = 0;
	meta->mtime = archive_entry_mtime(e);
	/*
	 * libarchive reads the fraction of a negative time as if the time were positive, so times
	 * before 1970 keep whole seconds only.
	 */
	meta->mtime_nsec = meta->mtime < 0 ? 0 : (uint32_t)archive_entry_mtime_nsec(e);
	return read_xattrs(e, meta, err);
}

/* Holes take up no space in the spool, but would in an archive made from the tree. */
static int add_hole(struct layer *l, uint64_t n, struct werr **err)
{
	int r;

	l->holes += n;
	r = n > 0 ? layer_check_bomb(l, err) : 0;
	return r < 0 ? r : spool_add_hole(l->tree->spool, n, err);
}

static int read_content(
	struct layer *l, struct archive_entry *e, struct tree_file *file, struct werr **err)
{
	int64_t size = archive_entry_size(e);

	if (size < 0)
		return werr_set(err, WERR_CORRUPT, "the size is negative");
	file->offset = l->tree->spool->size;
	file->size = (uint64_t)size;
	for (uint64_t at = 0;;) {
		const void *p;
		int64_t offset;
		size_t n;
		int code = archive_read_data_block(l->archive, &p, &n, &offset);
		bool ends = code == ARCHIVE_EOF;
		uint64_t next = ends ? file->size : (uint64_t)offset;
		int r;

		if (code != ARCHIVE_OK && !ends)
			return layer_failed(l->archive, err);
		if (ends)
			n = 0;
		if (next < at || next > file->size || n > file->size - next)
			return werr_set(err, WERR_CORRUPT, "its parts are out of order");
		r = add_hole(l, next - at, err);
		if (r == 0 && n > 0)
			r = spool_add(l->tree->spool, p, n, err);
		if (r < 0 || ends)
			return r;
		at = next + n;
	}
}

/*
 * Find the target of a hard link, through any symlinks; a symlink at the end is itself the target.
 */
static struct tree_node *find_linked(const struct tree *t, const char *to)
{
	CLEANUP(free) char *path = NULL;

	return tree_clean_path(to, &path, NULL) < 0 ? NULL : tree_find_through(t, path);
}

static int add_link(struct tree *t, const char *path, const char *to, struct archive_entry *e,
	struct werr **err)
{
	CLEANUP(tree_meta) struct tree_meta meta = {0};
	CLEANUP(free) char *printable = NULL;
	struct tree_node *n = find_linked(t, to);
	int r;

	if (!n) {
		printable = layer_printable(to);
		return werr_set(
			err, WERR_CORRUPT, "a hard link to %s, which does not exist", printable);
	}
	r = read_meta(e, &meta, err);
	if (r == 0)
		r = tree_link(t, path, n, err);
	if (r == 0)
		tree_node_set_link(t, tree_find(t, path), &meta);
	return r;
}

static int add_node(struct layer *l, const char *path, struct archive_entry *e, struct werr **err)
{
	CLEANUP(tree_meta) struct tree_meta meta = {0};
	CLEANUP(tree_file) struct tree_file *file = NULL;
	struct placement p = {.path = path, .meta = &meta, .dirs = &tree_plain_dir};
	int r = read_meta(e, &meta, err);

	if (r == 0 && S_ISREG(meta.mode)) {
		file = tree_file_new(l->tree);
		r = read_content(l, e, file, err);
	}
	if (r < 0)
		return r;
	if (S_ISLNK(meta.mode))
		p.target = archive_entry_symlink(e);
	p.file = STEAL(file);
	return tree_place(l->tree, &p, NULL, err);
}

static int add_at(struct layer *l, enum entry_kind kind, const char *path, struct archive_entry *e,
	struct werr **err)
{
	const char *link = archive_entry_hardlink(e);

	if (kind != ENTRY_PLAIN)
		return apply_whiteout(l->tree, path, kind == ENTRY_OPAQUE);
	return link ? add_link(l->tree, path, link, e, err) : add_node(l, path, e, err);
}

int layer_add_entry(struct layer *l, struct archive_entry *e, struct werr **err)
{
	const char *name = archive_entry_pathname(e);
	CLEANUP(free) char *path = NULL;
	CLEANUP(free) char *real = NULL;
	enum entry_kind kind;
	int r;

	if (!name || !*name)
		return werr_set(err, WERR_CORRUPT, "an entry without a name");
	r = tree_clean_path(name, &path, err);
	if (r < 0)
		return r;
	kind = kind_of(path);
	if (kind == ENTRY_BAD)
		return werr_set(err, WERR_CORRUPT, "'%s' is not allowed here", WHITEOUT);
	/*
	 * A symlink of a lower layer is not followed but replaced by a directory, as overlayfs
	 * would show it.
	 */
	if (kind != ENTRY_IGNORED)
		r = tree_follow(l->tree, path, FOLLOW_LAYER, false, &real,
			kind == ENTRY_PLAIN ? err : NULL);
	if (!real)
		return kind == ENTRY_PLAIN ? r : 0;
	return add_at(l, kind, real, e, err);
}
