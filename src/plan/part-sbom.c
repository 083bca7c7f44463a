/* SPDX-License-Identifier: Apache-2.0 */
/* The SBOM, from what is attested of each image in the OS and what is installed in it. */
#include "base/mem.h"
#include "base/path.h"
#include "hash/sha256-fields.h"
#include "plan/installed.h"
#include "plan/part-impl.h"
#include "sbom/sbom.h"

/* How the SBOM is made: all of it, or only what its key is made from. */
struct making {
	const struct plan *plan;
	struct sbom *sbom;
	bool only_key;
	struct strv unknown; /* images about which nothing is known */
	struct part_content
		*content; /* its warnings are added to; with only_key nobody reads them */
};

/* LinuxKit's document has only what is attested. */
static bool has_contents(const struct plan *p)
{
	return !p->config->compat || p->options.sbom_format != SBOM_SPDX;
}

/*
 * What is installed in it. An OS of which one image can't be read any more, as it is taken from an
 * earlier tar, is better than none.
 */
static int find_installed(
	const struct making *m, const struct image *image, struct inventory *ret, struct werr **err)
{
	struct part_content *c = m->content;
	CLEANUP(werr) struct werr *why = NULL;
	const char *note;
	int r = installed_get(m->plan->store, image, ret, &why);

	if (r < 0 && !store_is_no_use(r)) {
		werr_pass(err, STEAL(why));
		return r;
	}
	if (r < 0) {
		strv_addf(&c->warnings, "the SBOM lacks what is in image %s: %s", image->name,
			why->message);
		c->is_partial = true;
	}
	STRV_FOREACH (note, &ret->notes)
		strv_addf(
			&c->warnings, "the SBOM lacks packages of image %s: %s", image->name, note);
	return 0;
}

static int describe(
	struct making *m, const struct image *image, bool is_attested, struct werr **err)
{
	CLEANUP(inventory) struct inventory installed = {0};
	bool is_known = false;
	int r = is_attested ? 0 : find_installed(m, image, &installed, err);

	if (r == 0)
		r = sbom_describe_image(
			m->sbom, image, installed.distro ? &installed : NULL, &is_known, err);
	if (r == 0 && !is_known)
		strv_add(&m->unknown, image->name);
	return r;
}

/* An image that only unchanged parts need may be missing. */
static int add_image(struct making *m, const char *reference, const char *prefix, struct werr **err)
{
	const struct image *image = plan_image(m->plan, reference);
	bool has_attested = false, is_described;
	int r;

	if (!image) {
		strv_addf(&m->content->warnings,
			"image %s is not in the store and is left out of the SBOM", reference);
		return 0;
	}
	is_described = sbom_has_image(m->sbom, image);
	/* Files of CycloneDX are not named, so that once is enough. */
	if (is_described && m->plan->options.sbom_format != SBOM_SPDX)
		return 0;
	r = sbom_add_image(
		m->sbom, m->plan->store, image, prefix, &m->content->warnings, &has_attested, err);
	if (r == 0 && !is_described && !m->only_key && has_contents(m->plan))
		r = describe(m, image, has_attested, err);
	return r;
}

static int add_root_images(struct making *m, struct werr **err)
{
	const struct config *c = m->plan->config;
	int r = c->kernel.image ? add_image(m, c->kernel.image, "", err) : 0;

	for (size_t i = 0; r == 0 && i < c->init.n; i++)
		r = add_image(m, c->init.images[i], "", err);
	return r;
}

static int add_images(struct making *m, struct werr **err)
{
	const struct plan *p = m->plan;
	int r = add_root_images(m, err);

	for (size_t i = 0; r == 0 && i < p->n; i++) {
		const struct part *part = &p->parts[i];
		/* Where its files are in an earlier tar nobody knows. */
		bool is_missing = part->entry && !part->container;

		if (part->files_dir || is_missing)
			r = add_image(m, part->entry ? part->entry->image : part->volume->image,
				part->files_dir ? part->files_dir : "", err);
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

/* *ret is read from *sbom. */
static int make(struct making *m, struct sbom **sbom, struct reader **ret, struct werr **err)
{
	const struct plan *p = m->plan;
	const struct sbom_header header = {
		.time = p->options.sbom_time, .like_linuxkit = p->config->compat};
	int r = sbom_new(sbom, p->options.sbom_format, store_spool_dir(p->store), err);

	m->sbom = *sbom;
	if (r == 0)
		r = add_images(m, err);
	return r < 0 ? r : sbom_finish(*sbom, &header, ret, err);
}

static int load(const struct plan *p, ATTR_UNUSED const struct part *part, struct part_content *ret,
	struct werr **err)
{
	struct making m = {.plan = p, .content = ret};
	CLEANUP(sbom) struct sbom *sbom = NULL;
	CLEANUP(reader) struct reader *document = NULL;
	CLEANUP(free) char *names = NULL;
	struct tree_node *file = NULL;
	int r;

	part_content_set_origin(ret, NULL, NULL);
	ret->without_dirs = true;
	r = make(&m, &sbom, &document, err);
	if (r == 0)
		r = part_content_put_file(ret->tree, p->options.sbom, 0644, document, &file, err);
	while (r == 0 && (file = file->parent))
		file->implied = true;
	if (r == 0 && m.unknown.n > 0) {
		names = strv_join(&m.unknown, ", ");
		strv_addf(&ret->warnings,
			"the SBOM only names images of which nothing is known: %s", names);
	}
	strv_clear(&m.unknown);
	return r;
}

/*
 * What is installed in an image depends on that. What is attested is hashed as it is in the
 * document, which takes no longer than hashing what that is made from.
 */
static int key(struct sha256 *h, const struct plan *p, ATTR_UNUSED const struct part *part)
{
	CLEANUP(part_content) struct part_content unused = {0};
	struct making m = {.plan = p, .only_key = true, .content = &unused};
	CLEANUP(sbom) struct sbom *sbom = NULL;
	CLEANUP(reader) struct reader *document = NULL;
	CLEANUP(writer) struct writer *to = sha256_writer_new(NULL, h);
	int r = make(&m, &sbom, &document, NULL);

	if (r < 0)
		return r;
	sha256_add_text(h, p->options.sbom);
	sha256_add_number(h, p->options.sbom_format);
	sha256_add_number(h, has_contents(p) ? p->n_images : 0);
	for (size_t i = 0; has_contents(p) && i < p->n_images; i++) {
		sha256_add_text(h, p->uses[i].image);
		part_image_key(h, p->images[i]);
	}
	return io_copy(document, to, NULL, NULL);
}

const struct part_kind part_kind_sbom = {.name = "sbom",
	.is_kept = true,
	.is_late = true,
	.may_have_boot = true,
	.load = load,
	.key = key};
