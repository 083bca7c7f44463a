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

static int add_packages(struct sbom *b, const struct software_list *l, const char *distro,
	const char *release, struct werr **err)
{
	for (size_t i = 0; i < l->n; i++) {
		const struct software *s = &l->items[i];

		if (b->n_packages >= SBOM_PACKAGES_MAX)
			return werr_set(err, WERR_LIMIT, "the SBOM has more than %d packages",
				SBOM_PACKAGES_MAX);
		mem_grow(&b->packages, b->n_packages, &b->cap_packages, sizeof(*b->packages));
		b->packages[b->n_packages++] = (struct sbom_package){
			.purl = purl_of_software(s, distro, release),
			.name = str_dup(s->text[SOFTWARE_NAME]),
			.version = str_dup(s->text[SOFTWARE_VERSION]),
			.license = str_dup(s->text[SOFTWARE_LICENSE]),
			.source = source_text(s),
			.image = b->n_images - 1,
		};
	}
	return 0;
}

/* The label of a component image, which was made of packages of Debian: pkg/record.h. */
static int read_label(
	const char *name, const char *label, struct software_list *ret, struct werr **err)
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
	int r = json_parse(name, label, strlen(label), &d, err);

	for (size_t i = 0; r == 0 && i < d->root->n && d->root->kind == NODE_LIST; i++) {
		struct software_slice texts[SOFTWARE_TEXTS] = {0};

		for (size_t k = 0; k < ARRAY_SIZE(keys); k++) {
			const char *text = node_get_text(d->root->items[i], keys[k].key);

			if (text)
				texts[keys[k].text] = (struct software_slice){text, strlen(text)};
		}
		r = software_add(ret, SOFTWARE_DEB, texts, err);
	}
	return r;
}

static int add_label(struct sbom *b, const struct image *image, bool *ret_found, struct werr **err)
{
	const char *label =
		image->config ? image_config_label(image->config, IMAGE_LABEL_PACKAGES) : NULL;
	CLEANUP(software_list) struct software_list l = {0};
	CLEANUP(werr) struct werr *why = NULL;

	*ret_found = label && read_label(image->name, label, &l, &why) == 0;
	return *ret_found ? add_packages(b, &l, "", "", err) : 0;
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
		r = add_packages(
			b, &installed->software, installed->distro, installed->release, err);
	*ret_known = attested || label || (installed && installed->software.n > 0);
	return r;
}

static int compare(const void *a, const void *b)
{
	const struct sbom_package *x = a, *y = b;
	int c = strcmp(x->purl, y->purl);

	if (c == 0)
		c = (x->image > y->image) - (x->image < y->image);
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
