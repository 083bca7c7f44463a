/* SPDX-License-Identifier: Apache-2.0 */
/* The images of an OS and what is installed in them. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "oci/image-config.h"
#include "sbom/purl.h"
#include "sbom/sbom-impl.h"

bool sbom_has_image(const struct sbom *b, const struct image *image)
{
	CLEANUP(free) char *purl = purl_of_image(image);

	for (size_t i = 0; i < b->n_images; i++)
		if (str_eq(b->images[i].purl, purl))
			return true;
	return false;
}

/* "acl 2.3.2-2", where it was built from something of another name or version. */
static char *source_text(const struct software *s)
{
	const char *name = s->text[SOFTWARE_SOURCE], *version = s->text[SOFTWARE_SOURCE_VERSION];

	if (!*name || (str_eq(name, s->text[SOFTWARE_NAME]) &&
			      (!*version || str_eq(version, s->text[SOFTWARE_VERSION]))))
		return str_dup("");
	return str_printf("%s%s%s", name, *version ? " " : "", version);
}

struct release {
	const char *distro, *version; /* "": not known */
};

static int add_packages(struct sbom *b, const struct software_list *l, const struct release *of,
	bool made_from, struct werr **err)
{
	for (size_t i = 0; i < l->n; i++) {
		const struct software *s = &l->items[i];

		if (b->n_packages >= SBOM_PACKAGES_MAX)
			return werr_set(err, WERR_LIMIT, "the SBOM has more than %d packages",
				SBOM_PACKAGES_MAX);
		mem_grow(&b->packages, b->n_packages, &b->cap_packages, sizeof(*b->packages));
		b->packages[b->n_packages++] = (struct sbom_package){
			.purl = purl_of_software(s, of->distro, of->version),
			.name = str_dup(s->text[SOFTWARE_NAME]),
			.version = str_dup(s->text[SOFTWARE_VERSION]),
			.license = str_dup(s->text[SOFTWARE_LICENSE]),
			.source = source_text(s),
			.image = b->n_images - 1,
			.made_from = made_from,
		};
	}
	return 0;
}

/* What a component image has of packages of Debian, and what it was made from: pkg/record.h. */
struct label {
	struct software_list in_image, made_from;
};

static void label_cleanup(struct label *l)
{
	software_list_cleanup(&l->in_image);
	software_list_cleanup(&l->made_from);
}

static int read_label(const char *name, const char *text, struct label *ret, struct werr **err)
{
	static const struct {
		const char *key;
		enum software_text text;
	} keys[] = {
		{"name", SOFTWARE_NAME},
		{"version", SOFTWARE_VERSION},
		{"architecture", SOFTWARE_ARCH},
		{"source", SOFTWARE_SOURCE},
		{"sourceVersion", SOFTWARE_SOURCE_VERSION},
	};
	CLEANUP(document) struct document *d = NULL;
	int r = json_parse(name, text, strlen(text), &d, err);

	for (size_t i = 0; r == 0 && i < d->root->n && d->root->kind == NODE_LIST; i++) {
		const struct node *package = d->root->items[i], *step = node_get(package, "step");
		struct software_slice texts[SOFTWARE_TEXTS] = {0};
		bool is_of_step = false;

		for (size_t k = 0; k < ARRAY_SIZE(keys); k++) {
			const char *value = node_get_text(package, keys[k].key);

			if (value)
				texts[keys[k].text] = (struct software_slice){value, strlen(value)};
		}
		if (step)
			(void)node_to_bool(step, &is_of_step);
		r = software_add(
			is_of_step ? &ret->made_from : &ret->in_image, SOFTWARE_DEB, texts, err);
	}
	return r;
}

static int add_label(struct sbom *b, const struct image *image, bool *ret_found, struct werr **err)
{
	const char *label =
		image->config ? image_config_label(image->config, IMAGE_LABEL_PACKAGES) : NULL;
	static const struct release unknown = {"", ""};
	CLEANUP(label) struct label l = {0};
	CLEANUP(werr) struct werr *why = NULL;
	int r;

	*ret_found = label && read_label(image->name, label, &l, &why) == 0;
	if (!*ret_found)
		return 0;
	r = add_packages(b, &l.in_image, &unknown, false, err);
	return r < 0 ? r : add_packages(b, &l.made_from, &unknown, true, err);
}

int sbom_describe_image(struct sbom *b, const struct image *image,
	const struct inventory *installed, bool *ret_known, struct werr **err)
{
	const char *license = image->config ? image_config_label(image->config,
						      "org.opencontainers.image.licenses")
					    : NULL;
	bool attested = b->n_attested > 0, label;
	struct sbom_image *to;
	int r;

	mem_grow(&b->images, b->n_images, &b->cap_images, sizeof(*b->images));
	to = &b->images[b->n_images++];
	*to = (struct sbom_image){
		.name = str_dup(image->name),
		.purl = purl_of_image(image),
		.license = str_dup(license ? license : ""),
		.digest = image->descriptor.digest,
		.refs = b->attested,
	};
	b->attested = (struct strv){0}; /* they are the image's now */
	b->n_attested = 0;
	r = add_label(b, image, &label, err);
	if (r == 0 && installed)
		r = add_packages(b, &installed->software,
			&(struct release){installed->distro, installed->release}, false, err);
	*ret_known = attested || label || (installed && installed->software.n > 0);
	return r;
}

static int compare(const void *a, const void *b)
{
	const struct sbom_package *x = a, *y = b;
	int c = strcmp(x->purl, y->purl);

	if (c == 0)
		c = (x->image > y->image) - (x->image < y->image);
	if (c == 0)
		c = x->made_from - y->made_from;
	/* The greater text first: any is greater than none. */
	if (c == 0)
		c = strcmp(y->license, x->license);
	if (c == 0)
		c = strcmp(y->source, x->source);
	return c ? c : strcmp(x->name, y->name);
}

static void package_clear(struct sbom_package *p)
{
	free(p->purl);
	free(p->name);
	free(p->version);
	free(p->license);
	free(p->source);
}

void sbom_sort_packages(struct sbom *b)
{
	size_t n = 0;

	if (b->n_packages)
		qsort(b->packages, b->n_packages, sizeof(*b->packages), compare);
	for (size_t i = 0; i < b->n_packages; i++)
		if (n > 0 && b->packages[n - 1].image == b->packages[i].image &&
			str_eq(b->packages[n - 1].purl, b->packages[i].purl))
			package_clear(&b->packages[i]);
		else
			b->packages[n++] = b->packages[i];
	b->n_packages = n;
}

const struct sbom_package *sbom_take_package(const struct sbom *b, size_t package)
{
	const struct sbom_package *first = &b->packages[package], *best = first;

	if (package > 0 && str_eq(first->purl, first[-1].purl))
		return NULL;
	for (const struct sbom_package *p = first;
		p < b->packages + b->n_packages && str_eq(p->purl, first->purl); p++)
		if (strcmp(p->license, best->license) > 0)
			best = p;
	return best;
}

void sbom_free_contents(struct sbom *b)
{
	for (size_t i = 0; i < b->n_images; i++) {
		free(b->images[i].name);
		free(b->images[i].purl);
		free(b->images[i].license);
		strv_clear(&b->images[i].refs);
	}
	for (size_t i = 0; i < b->n_packages; i++)
		package_clear(&b->packages[i]);
	free(b->images);
	free(b->packages);
	strv_clear(&b->attested);
}
