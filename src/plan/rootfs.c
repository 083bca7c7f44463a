/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/rootfs.h"

#include <string.h>

#include "base/endian.h"
#include "base/mem.h"
#include "base/str.h"
#include "plan/content.h"
#include "plan/installed.h"
#include "plan/listing.h"
#include "plan/owned.h"
#include "archive/archive.h"

static uint64_t layers_size(const struct image *image)
{
	uint64_t size = 0;

	for (size_t i = 0; i < image->manifest->n; i++)
		size += image->manifest->items[i].size;
	return size;
}

static int apply_layer(struct store *s, const struct descriptor *layer, struct meter *meter,
	struct tree *t, struct werr **err)
{
	CLEANUP(reader) struct reader *blob = NULL;
	int r = store_open_blob(s, layer, &blob, err);

	if (r < 0)
		return r;
	blob = meter_reader_new(STEAL(blob), meter);
	return tree_apply_layer(t, blob, layer->digest.text, err);
}

static int load(struct store *s, const struct image *image, const char *spool_dir,
	struct meter *meter, struct tree **ret, struct werr **err)
{
	CLEANUP(tree) struct tree *t = NULL;
	int r = tree_new(&t, spool_dir, err);

	meter_start(meter, layers_size(image));
	for (size_t i = 0; r == 0 && i < image->manifest->n; i++)
		r = apply_layer(s, &image->manifest->items[i], meter, t, err);
	if (r < 0) {
		werr_wrap(err, "image %s", image->name);
		return r;
	}
	listing_keep(s, image, t);
	if (spool_dir) {
		installed_keep(s, image, t);
		owned_keep(s, image, t);
	}
	*ret = STEAL(t);
	return 0;
}

int rootfs_load(struct store *s, const struct image *image, struct meter *meter, struct tree **ret,
	struct werr **err)
{
	return load(s, image, store_spool_dir(s), meter, ret, err);
}

int rootfs_list(struct store *s, const struct image *image, struct tree **ret, struct werr **err)
{
	return load(s, image, NULL, NULL, ret, err);
}

int rootfs_write(struct store *s, const struct image *image, struct writer *to, struct werr **err)
{
	CLEANUP(tree) struct tree *t = NULL;
	CLEANUP(archiver) struct archiver *tar = NULL;
	int r = rootfs_load(s, image, NULL, &t, err);

	if (r < 0)
		return r;
	tar = archiver_new_tar(to);
	r = archiver_add_tree(
		tar, t, &(struct archive_tree_options){.prefix = "", .once = true}, err);
	return r < 0 ? r : tar->finish(tar, err);
}

static const char hosts_text[] = "127.0.0.1       localhost\n"
				 "::1     localhost ip6-localhost ip6-loopback\n"
				 "fe00::0 ip6-localnet\n"
				 "ff00::0 ip6-mcastprefix\n"
				 "ff02::1 ip6-allnodes\n"
				 "ff02::2 ip6-allrouters\n";
static const char resolv_text[] = "\n# no resolv.conf configured\n";

static const char *const dropped[] = {
	".dockerenv",
	"Dockerfile",
	"dev/console",
	"dev/pts",
	"dev/shm",
	"etc/hostname",
	/* Made below, whatever the image has there. */
	"etc/hosts",
	"etc/resolv.conf",
};

/* Made when missing, in this order; those without target and content are directories. */
static const struct fixture {
	const char *path, *target, *content;
	uint32_t mode;
	enum rootfs_use only; /* with `limited` */
	bool limited;
	bool anywhere; /* the image may have a symlink to a directory there */
} fixtures[] = {
	{"dev", NULL, NULL, S_IFDIR | 0755},
	{"dev/pts", NULL, NULL, S_IFDIR | 0755},
	{"dev/shm", NULL, NULL, S_IFDIR | 0755},
	{"etc", NULL, NULL, S_IFDIR | 0755, .anywhere = true},
	{"etc/hosts", NULL, hosts_text, S_IFREG | 0644},
	{"etc/mtab", "/proc/mounts", NULL, S_IFLNK | 0755},
	{"etc/resolv.conf", NULL, resolv_text, S_IFREG | 0644, ROOTFS_FOR_CONTAINER, true},
	{"etc/resolv.conf", "/run/resolvconf/resolv.conf", NULL, S_IFLNK | 0644, ROOTFS_FOR_INIT,
		true},
	{"proc", NULL, NULL, S_IFDIR | 0755},
	{"sys", NULL, NULL, S_IFDIR | 0755},
};

static bool leads_to_dir(const struct tree *t, const char *path)
{
	const struct tree_node *link = tree_find(t, path), *n = tree_resolve(t, path);

	return link && S_ISLNK(link->meta.mode) && n && S_ISDIR(n->meta.mode);
}

static int add_fixture(struct tree *t, const struct fixture *f, struct werr **err)
{
	const struct tree_meta meta = {.mode = f->mode, .mtime = BUILD_TIME};
	CLEANUP(reader) struct reader *content = NULL;
	struct tree_node *there = tree_find_through(t, f->path);

	if (f->anywhere && leads_to_dir(t, f->path))
		return 0;
	/* A directory may have to replace a symlink; everything else stays, except for its time. */
	if (there && (!S_ISDIR(f->mode) || S_ISDIR(there->meta.mode))) {
		there->meta.mtime = BUILD_TIME;
		there->meta.mtime_nsec = 0;
		return 0;
	}
	if (f->content)
		content = mem_reader_new(f->content, strlen(f->content));
	return S_ISDIR(f->mode)
		       ? tree_put(t, f->path, &meta, NULL, NULL, NULL, NULL, err)
		       : tree_merge(t, f->path, &meta, f->target, content, NULL, NULL, err);
}

int rootfs_fix(struct tree *t, enum rootfs_use use, struct werr **err)
{
	t->root->meta.mtime = BUILD_TIME;
	t->root->meta.mtime_nsec = 0;
	for (size_t i = 0; i < ARRAY_SIZE(dropped); i++) {
		struct tree_node *n = tree_find_through(t, dropped[i]);

		if (n)
			tree_remove(t, n);
	}
	for (size_t i = 0; i < ARRAY_SIZE(fixtures); i++) {
		int r;

		if (fixtures[i].limited && fixtures[i].only != use)
			continue;
		r = add_fixture(t, &fixtures[i], err);
		if (r < 0)
			return r;
	}
	return 0;
}

/*
 * linux/capability.h: version 3 of the attribute names the user namespace's root that the rights
 * belong to.
 */
static void own_capability(struct tree_xattr *x, uint32_t base)
{
	enum { V2_SIZE = 20, V3_SIZE = 24, REVISION = 3 };
	unsigned char *v;

	if (!str_eq(x->name, TREE_XATTR_CAPABILITY) || x->size != V2_SIZE)
		return;
	v = mem_new_array(unsigned char, V3_SIZE);
	memcpy(v, x->value, V2_SIZE);
	v[REVISION] = 3;
	le32_put(v + V2_SIZE, base);
	free(x->value);
	x->value = v;
	x->size = V3_SIZE;
}

static int shift_meta(
	struct tree_meta *m, const char *name, uint32_t base, uint32_t range, struct werr **err)
{
	if (m->uid >= range || m->gid >= range) {
		werr_set(err, WERR_INVALID,
			"'%.80s' belongs to %u:%u, "
			"but with 'userns: auto' a container has ids up to %u",
			name, m->uid, m->gid, range - 1);
		werr_hint(err, "remove 'userns: auto', or give mappings with 'uidMappings:'");
		return werr_code(WERR_INVALID);
	}
	m->uid += base;
	m->gid += base;
	for (uint32_t i = 0; i < m->n_xattrs; i++)
		own_capability(&m->xattrs[i], base);
	return 0;
}

static int shift_ids(struct tree_node *n, uint32_t base, uint32_t range, struct werr **err)
{
	int r = shift_meta(&n->meta, n->name, base, range, err);

	if (r == 0 && n->link)
		r = shift_meta(n->link, n->name, base, range, err);
	for (uint32_t i = 0; r == 0 && i < n->n; i++)
		r = shift_ids(n->children[i], base, range, err);
	return r;
}

int rootfs_shift_ids(struct tree *t, uint32_t base, uint32_t range, struct werr **err)
{
	return shift_ids(t->root, base, range, err);
}
