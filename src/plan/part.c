/* SPDX-License-Identifier: Apache-2.0 */
/* What each kind of part consists of. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "plan/rootfs.h"
#include "plan/part-impl.h"
#include "oci/reference.h"
#include "contract/paths.h"

void part_set_origin(struct part_content *c, const char *source, const char *location)
{
	mem_grow(&c->origins, c->n_origins, &c->cap_origins, sizeof(*c->origins));
	c->origins[c->n_origins] = (struct archive_origin){str_dup(source), str_dup(location)};
	c->tree->origin = (uint32_t)c->n_origins++;
}

void part_set_image_origin(struct part_content *c, const char *image, const char *location)
{
	CLEANUP(free) char *name = reference_expand(image);

	part_set_origin(c, name, location);
}

void part_set_image_origin_at(
	struct part_content *c, const char *image, const char *section, size_t index)
{
	CLEANUP(free) char *location = str_printf("%s[%zu]", section, index);

	part_set_image_origin(c, image, location);
}

void part_set_origin_at(struct part_content *c, const char *source, const char *section, size_t i)
{
	CLEANUP(free) char *location = str_printf("%s[%zu]", section, i);

	part_set_origin(c, source, location);
}

int part_put_folder(struct tree *t, const char *path, struct werr **err)
{
	const struct tree_meta meta = {.mode = S_IFDIR | 0755, .mtime = BUILD_TIME};

	return tree_merge(t, path, &meta, NULL, NULL, &meta, NULL, err);
}

static int put_bytes(struct tree *t, const char *path, uint32_t mode, const void *p, size_t size,
	struct werr **err)
{
	const struct tree_meta meta = {.mode = S_IFREG | mode, .mtime = BUILD_TIME};
	const struct tree_meta dirs = {.mode = S_IFDIR | 0755, .mtime = BUILD_TIME};
	CLEANUP(reader) struct reader *content = mem_reader_new(p, size);

	return tree_put(t, path, &meta, NULL, content, &dirs, NULL, err);
}

int part_put_text(struct tree *t, const char *path, const char *text, struct werr **err)
{
	return put_bytes(t, path, 0644, text, strlen(text), err);
}

/* The entry's place in its section. */
static size_t index_of(const struct config *c, const struct config_container *entry)
{
	size_t index = 0;

	for (const struct config_container *e = c->containers; e < entry; e++)
		index += e->section == entry->section;
	return index;
}

/* Does something in the tree give rights to who runs it? A hard link has what its file has. */
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
static int load_container_files(
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

static int load_container(
	const struct plan *p, const struct part *part, struct part_content *ret, struct werr **err)
{
	const struct bundle *c = part->container;
	const char *dir = part->entry->dir;
	CLEANUP(free) char *config_path = path_join(dir, BUNDLE_CONFIG);
	CLEANUP(free) char *runtime_path = path_join(dir, BUNDLE_RUNTIME);
	bool set_id;
	int r;

	ret->once.dir = dir;
	/* The first origin is also that of all nodes of the second tree. */
	part_set_image_origin_at(ret, part->entry->image, config_section_name(part->entry->section),
		index_of(p->config, part->entry));
	if (part->unchanged)
		return part_load_unchanged(p, part, ret, err);
	r = load_container_files(p, part, ret, err);
	if (r < 0)
		return r;
	set_id = c->set_id_config_json && has_set_id(ret->files->root);
	r = part_put_text(
		ret->tree, config_path, set_id ? c->set_id_config_json : c->config_json, err);
	if (r == 0)
		r = part_put_text(ret->tree, runtime_path, c->runtime_json, err);
	for (size_t i = 0; r == 0 && i < c->dirs.n; i++)
		r = part_put_folder(ret->tree, c->dirs.items[i], err);
	if (c->files_dir) {
		ret->prefix = c->files_dir;
	} else if (ret->files) {
		tree_free(ret->files);
		ret->files = NULL;
	}
	return r;
}

/* A bundle's folder with its image's files, by what is in it; NULL: it has none. Owned by the
 * caller. */
static char *find_files_dir(const struct tree *t, const char *bundle)
{
	static const char *const names[] = {BUNDLE_LOWER, BUNDLE_ROOT};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		CLEANUP(free) char *path = path_join(bundle, names[i]);
		const struct tree_node *n = tree_find(t, path);

		if (n && n->n > 0)
			return STEAL(path);
	}
	return NULL;
}

/* The tar has these in the root; they are like those that are made anew. */
static void set_time_above(struct tree_node *n)
{
	while (n && (n = n->parent) && n->implied)
		n->meta.mtime = BUILD_TIME;
}

int part_load_unchanged(
	const struct plan *p, const struct part *part, struct part_content *ret, struct werr **err)
{
	const struct archive_origin *from = &ret->origins[ret->n_origins - 1];
	int r = earlier_put(p->earlier, from->source, from->location, ret->tree, err);

	ret->explicit_only = true;
	if (r == 0 && ret->once.dir)
		set_time_above(tree_find(ret->tree, ret->once.dir));
	ret->prefix = part_files_dir(part);
	if (r == 0 && part->entry && !part->container)
		ret->prefix = ret->own_prefix = find_files_dir(ret->tree, part->entry->dir);
	return r;
}

/*
 * What / itself is, said once and first. An archive that doesn't say it leaves it to whoever
 * unpacks it, and that is 1777 for an initramfs and 0777 for some who make file systems of tars.
 * LinuxKit says it when the modules' tar does, as it does.
 */
static int put_root(
	const struct plan *p, const struct part *part, struct part_content *ret, struct werr **err)
{
	if (p->config->compat)
		return 0;
	ret->with_root = part == p->parts;
	part_set_origin(ret, NULL, NULL);
	return part_put_folder(ret->tree, "", err);
}

int part_load(
	const struct plan *p, const struct part *part, struct part_content *ret, struct werr **err)
{
	static int (*const loaders[])(
		const struct plan *, const struct part *, struct part_content *, struct werr **) = {
		[PART_BOOT] = part_load_boot,
		[PART_ROOT] = part_load_root,
		[PART_CONTAINER] = load_container,
		[PART_VOLUME] = part_load_volume,
		[PART_FILES] = part_load_files,
		[PART_SBOM] = part_load_sbom,
	};
	int r = tree_new(&ret->tree, store_spool_dir(p->store), err);

	ret->compression = p->options.compression;
	ret->once.wanted = !p->config->compat;
	if (r == 0)
		r = loaders[part->kind](p, part, ret, err);
	if (r == 0)
		r = put_root(p, part, ret, err);
	if (r < 0)
		part_content_cleanup(ret);
	return r;
}

void part_content_cleanup(struct part_content *c)
{
	if (c->tree)
		tree_free(c->tree);
	if (c->files)
		tree_free(c->files);
	for (size_t i = 0; i < c->n_origins; i++) {
		free((char *)(uintptr_t)c->origins[i].source);
		free((char *)(uintptr_t)c->origins[i].location);
	}
	free(c->origins);
	free(c->own_prefix);
	*c = (struct part_content){0};
}
