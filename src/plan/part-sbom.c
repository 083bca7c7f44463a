/* SPDX-License-Identifier: Apache-2.0 */
/* The SBOM, from what is attested of each image that is in the OS. */
#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "plan/part-impl.h"
#include "sbom/sbom.h"

/* An image that only unchanged parts need may be missing. */
static int add_image(const struct plan *p, struct sbom *sbom, const char *reference,
	const char *prefix, struct werr **err)
{
	const struct image *image = plan_image(p, reference);

	if (image)
		return sbom_add_image(sbom, p->store, image, prefix, err);
	log_warning("image %s is not in the store; it is left out of the SBOM", reference);
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
		const char *prefix = part_files_dir(part);

		if (prefix && part->entry)
			r = add_image(p, sbom, part->entry->image, prefix, err);
		else if (prefix && part->volume && part->volume->image && !part->volume->layout)
			r = add_image(p, sbom, part->volume->image, prefix, err);
	}
	return r;
}

int part_put_sbom_folders(const struct plan *p, struct tree *t, struct werr **err)
{
	const char *path = p->options.sbom;
	int r = 0;

	t->origin = 0;
	for (size_t n = 0; r == 0 && path && !p->config->compat && path[n]; n++) {
		CLEANUP(free) char *dir = path[n] == '/' ? str_dup_n(path, n) : NULL;

		if (dir && !tree_resolve(t, dir))
			r = part_put_folder(t, dir, err);
	}
	return r;
}

int part_load_sbom(const struct plan *p, ATTR_UNUSED const struct part *part,
	struct part_content *ret, struct werr **err)
{
	const struct tree_meta meta = {.mode = S_IFREG | 0644, .mtime = BUILD_TIME};
	const struct tree_meta dirs = {.mode = S_IFDIR | 0755, .mtime = BUILD_TIME};
	const struct sbom_header header = {
		.time = p->options.sbom_time, .like_linuxkit = p->config->compat};
	CLEANUP(sbom) struct sbom *sbom = NULL;
	CLEANUP(reader) struct reader *document = NULL;
	struct tree_node *file = NULL;
	int r = sbom_new(&sbom, store_spool_dir(p->store), err);

	part_set_origin(ret, NULL, NULL);
	ret->without_folders = true;
	if (r == 0)
		r = add_images(p, sbom, err);
	if (r == 0)
		r = sbom_finish(sbom, &header, &document, err);
	if (r == 0)
		r = tree_put(ret->tree, p->options.sbom, &meta, NULL, document, &dirs, &file, err);
	while (r == 0 && (file = file->parent))
		file->implied = true;
	return r;
}
