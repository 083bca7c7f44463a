/* SPDX-License-Identifier: Apache-2.0 */
/* A bundle: config.json, runtime.json, and the files of the entry's image. */
#include "base/mem.h"
#include "base/path.h"
#include "contract/paths.h"
#include "hash/sha256-fields.h"
#include "plan/part-impl.h"
#include "plan/rootfs.h"

/* Does something in the tree give rights to whoever runs it? A hard link has what its file has. */
static bool has_set_id(const struct tree_node *n)
{
	if (S_ISREG(n->meta.mode) && (n->meta.mode & (S_ISUID | S_ISGID)))
		return true;
	if (tree_meta_has_xattr(&n->meta, TREE_XATTR_CAPABILITY))
		return true;
	for (uint32_t i = 0; i < n->n; i++)
		if (has_set_id(n->children[i]))
			return true;
	return false;
}

/* The image's files, or only their names when an earlier entry has them. */
static int load_files(
	const struct plan *p, const struct part *part, struct part_content *ret, struct werr **err)
{
	const struct bundle *c = part->container;
	int r;

	if (!c->files_dir)
		return c->set_id_config_json ? rootfs_list(p->store, part->image, &ret->files, err)
					     : 0;
	r = rootfs_load(p->store, part->image, ret->meter, &ret->files, err);
	if (r == 0)
		r = rootfs_fix(ret->files, ROOTFS_FOR_CONTAINER, err);
	if (r == 0 && c->id_base)
		r = rootfs_shift_ids(ret->files, c->id_base, BUNDLE_IDS, err);
	return r;
}

static int put_text(
	struct tree *t, const char *dir, const char *name, const char *text, struct werr **err)
{
	CLEANUP(free) char *path = path_join(dir, name);

	return part_content_put_text(t, path, text, err);
}

static int put_bundle(
	struct tree *t, const struct part *part, const char *config_json, struct werr **err)
{
	const struct bundle *c = part->container;
	int r = put_text(t, part->dir, BUNDLE_CONFIG, config_json, err);

	if (r == 0)
		r = put_text(t, part->dir, BUNDLE_RUNTIME, c->runtime_json, err);
	for (size_t i = 0; r == 0 && i < c->dirs.n; i++)
		r = part_content_put_dir(t, c->dirs.items[i], err);
	return r;
}

static int load(
	const struct plan *p, const struct part *part, struct part_content *ret, struct werr **err)
{
	const struct bundle *c = part->container;
	bool set_id;
	int r;

	ret->once.dir = part->dir;
	/* The first origin is also that of all nodes of the second tree. */
	part_content_set_image_at(ret, part->entry->image,
		config_section_name(part->entry->section), part->entry->index);
	if (part->unchanged)
		return part_load_unchanged(p, part, ret, err);
	r = load_files(p, part, ret, err);
	if (r < 0)
		return r;
	set_id = c->set_id_config_json && has_set_id(ret->files->root);
	r = put_bundle(ret->tree, part, set_id ? c->set_id_config_json : c->config_json, err);
	if (c->files_dir) {
		ret->prefix = c->files_dir;
	} else if (ret->files) {
		tree_free(ret->files);
		ret->files = NULL;
	}
	return r;
}

static int key(struct sha256 *h, ATTR_UNUSED const struct plan *p, const struct part *part)
{
	const struct bundle *c = part->container;
	const char *dir;

	sha256_add_text(h, part->dir);
	sha256_add_text(h, c->config_json);
	sha256_add_text(h, c->set_id_config_json);
	sha256_add_text(h, c->runtime_json);
	sha256_add_number(h, c->dirs.n);
	STRV_FOREACH (dir, &c->dirs)
		sha256_add_text(h, dir);
	sha256_add_text(h, c->files_dir);
	if (c->files_dir || c->set_id_config_json)
		part_image_key(h, part->image);
	return 0;
}

const struct part_kind part_kind_container = {
	.name = "container", .is_kept = true, .load = load, .key = key};
