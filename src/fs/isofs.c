/* SPDX-License-Identifier: Apache-2.0 */
/* A tree as an ISO 9660. */
#include <stdlib.h>
#include <string.h>

#include "base/cancel.h"
#include "base/mem.h"
#include "base/str.h"
#include "disk/disk.h"
#include "disk/iso9660.h"
#include "fs/fs.h"

/* Linux cuts longer names off (fs/isofs/rock.c, get_rock_ridge_filename). */
enum { LINUX_NAME_MAX = 253 };

/* Linux, include/linux/kdev_t.h; a large minor number needs a major one: see iso-rockridge.c. */
enum { MAJOR_MAX = (1 << 12) - 1, MINOR_MAX = (1 << 20) - 1, MINOR_SHORT_MAX = 0xff };

/* A name of a file that has several. */
struct shared {
	uint64_t id;
	struct iso_node *node;
};

struct making {
	const struct tree *tree;
	struct iso_node *root, *dir;      /* the one that is being filled */
	const struct tree_node *dir_node; /* of the tree */
	struct iso_file *files;
	size_t n_files;
	struct shared *shared;
	size_t n_shared, cap_shared;
};

static void making_cleanup(struct making *m)
{
	if (m->root)
		iso_node_free(m->root);
	free(m->files);
	free(m->shared);
}

/* ---- from the tree ---- */

static struct iso_meta meta_of(const struct tree_node *n)
{
	return (struct iso_meta){
		.mode = n->meta.mode,
		.uid = n->meta.uid,
		.gid = n->meta.gid,
		.links = n->file ? n->file->links : 1,
		.major = n->meta.major,
		.minor = n->meta.minor,
		.time = n->meta.mtime,
	};
}

static void add_file(struct making *m, const struct tree_node *n, struct iso_node *to)
{
	to->file = &m->files[m->n_files++];
	if (S_ISREG(n->meta.mode)) {
		to->file->data.range = tree_file_range(m->tree, n);
		to->file->data.size = to->file->data.range.size;
	}
	if (n->file->links > 1) {
		mem_grow(&m->shared, m->n_shared, &m->cap_shared, sizeof(*m->shared));
		m->shared[m->n_shared++] = (struct shared){n->file->id, to};
	}
}

/* The walk comes to what is in a directory before it comes to what follows the directory. */
static void find_dir(struct making *m, const struct tree_node *parent)
{
	while (m->dir_node != parent) {
		m->dir = m->dir->dir->parent;
		m->dir_node = m->dir_node->parent;
	}
}

static bool is_bad_device(const struct tree_meta *m)
{
	return (S_ISBLK(m->mode) || S_ISCHR(m->mode)) &&
	       (m->major > MAJOR_MAX || m->minor > MINOR_MAX ||
		       (m->major == 0 && m->minor > MINOR_SHORT_MAX));
}

/* What Linux would show as something else. */
static int check_node(const struct tree_node *n, const char *path, struct werr **err)
{
	if (strlen(n->name) > LINUX_NAME_MAX)
		return werr_set(err, WERR_LIMIT,
			"/%s: of names on an ISO 9660, Linux shows at most %d bytes", path,
			LINUX_NAME_MAX);
	if (is_bad_device(&n->meta))
		return werr_set(err, WERR_LIMIT,
			"/%s: an ISO 9660 can't hold the device number %u:%u", path, n->meta.major,
			n->meta.minor);
	return cancel_check(err);
}

static int add_node(struct tree_node *n, const char *path, void *ctx, struct werr **err)
{
	struct making *m = ctx;
	const struct iso_meta meta = meta_of(n);
	struct iso_node *to;
	int r;

	if (!n->parent)
		return 0;
	if (str_eq(path, "boot"))
		return TREE_WALK_SKIP;
	r = check_node(n, path, err);
	if (r < 0)
		return r;
	find_dir(m, n->parent);
	to = iso_node_add(m->dir, n->name, &meta);
	if (S_ISDIR(n->meta.mode)) {
		m->dir = to;
		m->dir_node = n;
	}
	to->target = n->target;
	if (n->file)
		add_file(m, n, to);
	return 0;
}

static int count_file(
	struct tree_node *n, ATTR_UNUSED const char *path, void *ctx, ATTR_UNUSED struct werr **err)
{
	*(size_t *)ctx += n->file != NULL;
	return 0;
}

static int by_id(const void *a, const void *b)
{
	const struct shared *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

/* All names of a file get the same one. */
static void share_files(struct making *m)
{
	if (m->n_shared == 0)
		return;
	qsort(m->shared, m->n_shared, sizeof(*m->shared), by_id);
	for (size_t i = 1; i < m->n_shared; i++)
		if (m->shared[i].id == m->shared[i - 1].id)
			m->shared[i].node->file = m->shared[i - 1].node->file;
}

static int make_nodes(struct making *m, struct werr **err)
{
	const struct tree_node *root = m->tree->root;
	const struct iso_meta meta = meta_of(root);
	size_t n_files = 0;
	int r = tree_walk(m->tree, count_file, &n_files, err);

	if (r < 0)
		return r;
	m->files = mem_new_array(struct iso_file, n_files + 1);
	m->dir = m->root = iso_node_new_root(&meta);
	m->dir_node = root;
	r = tree_walk(m->tree, add_node, m, err);
	share_files(m);
	return r;
}

/* ---- writing ---- */

struct watched {
	struct writer writer, *to, *watch;
};

static int watched_write(struct writer *w, const void *p, size_t size, struct werr **err)
{
	struct watched *x = CONTAINER_OF(w, struct watched, writer);
	int r = x->watch ? writer_write(x->watch, p, size, err) : 0;

	return r < 0 ? r : writer_write(x->to, p, size, err);
}

static int watched_skip(struct writer *w, uint64_t n, struct werr **err)
{
	return writer_skip(CONTAINER_OF(w, struct watched, writer)->to, n, err);
}

static bool holds_xattr(ATTR_UNUSED const char *name)
{
	return false;
}

static int write_iso(
	const struct tree *t, const struct fs_options *o, struct writer *to, struct werr **err)
{
	CLEANUP(making) struct making m = {.tree = t};
	CLEANUP(iso_image) struct iso_image image = {0};
	const struct iso_options options = {"wherry", o->time, true};
	struct watched watched = {
		{.write = watched_write, .skip = watched_skip}, .to = to, .watch = o->watch};
	int r = make_nodes(&m, err);

	if (r == 0)
		r = iso_layout(m.root, &options, &image, err);
	if (r == 0)
		r = extents_write(&image.extents, 0, image.extents.size, &watched.writer, err);
	werr_wrap(err, "make an ISO 9660");
	return r;
}

const struct fs_format fs_iso9660 = {"iso9660", holds_xattr, write_iso};
