/* SPDX-License-Identifier: Apache-2.0 */
/* The SBOM, from the attestations of each image in the OS. */
#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "hash/sha256-fields.h"
#include "plan/part-impl.h"
#include "sbom/sbom.h"

/* An image that only unchanged parts need may be missing. */
static int add_image(const struct plan *p, struct sbom *sbom, const char *reference,
	const char *prefix, struct werr **err)
{
	const struct image *image = plan_image(p, reference);

	if (image)
		return sbom_add_image(sbom, p->store, image, prefix, err);
	log_warning("image %s is not in the store and is left out of the SBOM", reference);
	return 0;
}

static int add_root_images(const struct plan *p, struct sbom *sbom, struct werr **err)
{
	const char *kernel = p->config->kernel.image;
	int r = kernel ? add_image(p, sbom, kernel, "", err) : 0;

	for (size_t i = 0; r == 0 && i < p->config->init.n; i++)
		r = add_image(p, sbom, p->config->init.images[i], "", err);
	return r;
}

static int add_images(const struct plan *p, struct sbom *sbom, struct werr **err)
{
	int r = add_root_images(p, sbom, err);

	for (size_t i = 0; r == 0 && i < p->n; i++) {
		const struct part *part = &p->parts[i];

		if (part->files_dir)
			r = add_image(p, sbom,
				part->entry ? part->entry->image : part->volume->image,
				part->files_dir, err);
	}
	return r;
}

int part_put_sbom_dirs(const struct plan *p, struct tree *t, struct werr **err)
{
	const char *path = p->options.sbom;
	int r = 0;

	t->origin = 0;
	for (size_t n = 0; r == 0 && path && !p->config->compat && path[n]; n++) {
		CLEANUP(free) char *dir = path[n] == '/' ? str_dup_n(path, n) : NULL;

		if (dir && !tree_resolve(t, dir))
			r = part_content_put_dir(t, dir, err);
	}
	return r;
}

static int load(const struct plan *p, ATTR_UNUSED const struct part *part, struct part_content *ret,
	struct werr **err)
{
	const struct sbom_header header = {
		.time = p->options.sbom_time, .like_linuxkit = p->config->compat};
	CLEANUP(sbom) struct sbom *sbom = NULL;
	CLEANUP(reader) struct reader *document = NULL;
	struct tree_node *file = NULL;
	int r = sbom_new(&sbom, store_spool_dir(p->store), err);

	part_content_set_origin(ret, NULL, NULL);
	ret->without_dirs = true;
	if (r == 0)
		r = add_images(p, sbom, err);
	if (r == 0)
		r = sbom_finish(sbom, &header, &document, err);
	if (r == 0)
		r = part_content_put_file(ret->tree, p->options.sbom, 0644, document, &file, err);
	while (r == 0 && (file = file->parent))
		file->implied = true;
	return r;
}

/* Hash the document itself: making it takes no longer than hashing what it is made from. */
static int key(struct sha256 *h, const struct plan *p, const struct part *part)
{
	CLEANUP(part_content) struct part_content content = {0};
	CLEANUP(writer) struct writer *to = sha256_writer_new(NULL, h);
	CLEANUP(reader) struct reader *document = NULL;
	int r = part_load(p, part, &content, NULL);

	if (r < 0)
		return r;
	sha256_add_text(h, p->options.sbom);
	document = tree_open_file(content.tree, tree_find(content.tree, p->options.sbom));
	return io_copy(document, to, NULL, NULL);
}

const struct part_kind part_kind_sbom = {
	.name = "sbom", .may_have_boot = true, .load = load, .key = key};
