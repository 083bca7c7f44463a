/* SPDX-License-Identifier: Apache-2.0 */
/* What loading and keys of all kinds of parts have in common. */
#include <errno.h>
#include <stdlib.h>

#include "base/build-id.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "contract/paths.h"
#include "hash/sha256-fields.h"
#include "plan/part-impl.h"

bool part_has_path(const struct part *part, const char *path)
{
	const char *rest = part->dir ? str_after(path, part->dir) : NULL;

	return rest && *rest == '/';
}

/* The directory in a bundle that has the image's files; NULL: it has none. Owned by the caller. */
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

/* The tar has these in the root part; give them the time that new ones have. */
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
	ret->prefix = part->files_dir;
	if (r == 0 && part->entry && !part->container)
		ret->prefix = ret->own_prefix = find_files_dir(ret->tree, part->dir);
	return r;
}

/*
 * What / itself is like, written once and first. An archive that does not say it leaves it to
 * whatever unpacks it: an initramfs then has 1777, and file systems made of tars often 0777.
 * LinuxKit writes it when the modules' tar does.
 */
static int put_root(
	const struct plan *p, const struct part *part, struct part_content *ret, struct werr **err)
{
	if (p->config->compat)
		return 0;
	ret->with_root = part == p->parts;
	part_content_set_origin(ret, NULL, NULL);
	return part_content_put_dir(ret->tree, "", err);
}

/*
 * Only --input-tar reads the records of origins, in tars that have the configuration; GNU tar
 * complains about each of them.
 */
static bool is_for_input_tar(const struct config *c)
{
	for (size_t i = 0; i < c->n_files; i++)
		if (c->files[i].kind == FILE_METADATA)
			return true;
	return false;
}

int part_load(
	const struct plan *p, const struct part *part, struct part_content *ret, struct werr **err)
{
	int r = tree_new(&ret->tree, store_spool_dir(p->store), err);

	ret->compression = p->options.compression;
	ret->once.wanted = !p->config->compat;
	ret->with_records = p->config->compat || is_for_input_tar(p->config);
	if (r == 0)
		r = part->kind->load(p, part, ret, err);
	if (r == 0)
		r = put_root(p, part, ret, err);
	if (r < 0)
		part_content_cleanup(ret);
	return r;
}

void part_image_key(struct sha256 *h, const struct image *image)
{
	sha256_add_text(h, image ? image->descriptor.digest.text : NULL);
}

/* The encoder: this very program. */
static int add_encoder(struct sha256 *h)
{
	const void *id;
	size_t size;
	int r = program_build_id(&id, &size);

	if (r == 0)
		sha256_add_field(h, id, size);
	return r;
}

int part_add_key(struct sha256 *h, const struct plan *p, const struct part *part)
{
	int r = part->unchanged ? -ENOTSUP : add_encoder(h);

	if (r < 0)
		return r;
	sha256_add_text(h, part->kind->name);
	sha256_add_number(h, part == p->parts); /* the first one has the root's entry */
	sha256_add_number(h, p->config->compat);
	return part->kind->key(h, p, part);
}

bool part_key(const struct plan *p, const struct part *part, char ret[static SHA256_HEX + 1])
{
	CLEANUP(sha256) struct sha256 *h = sha256_new();

	if (part_add_key(h, p, part) < 0)
		return false;
	sha256_hex(h, ret);
	return true;
}
