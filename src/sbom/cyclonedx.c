/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The images of an OS and their packages as components of a CycloneDX document. That one is in the
 * other is a dependency there, as with other tools that describe images.
 */
#include <string.h>

#include "base/mem.h"
#include "sbom/sbom-impl.h"

enum { ELEMENT_MAX = 64 << 20, PURL_TEXT_MAX = 64 << 10 };

/* Either one expression or the names of licences, of which some have no identifier of SPDX. */
static void write_licenses(struct json_writer *w, const char *statements)
{
	CLEANUP(license) struct license license;
	CLEANUP(strv) struct strv lines = {0};
	const char *line;

	license_convert(statements, &license);
	if (!license.expression)
		return;
	strv_split(&lines, statements, '\n');
	json_key(w, "licenses");
	json_open_array(w);
	if (license.ids.n == 0) {
		json_open_object(w);
		json_key_string(w, "expression", license.expression);
		json_close_object(w);
	}
	STRV_FOREACH (line, &lines) {
		if (license.ids.n == 0 || !*line)
			continue;
		json_open_object(w);
		json_key(w, "license");
		json_open_object(w);
		json_key_string(w, "name", line);
		json_close_object(w);
		json_close_object(w);
	}
	json_close_array(w);
}

static void write_digest(struct json_writer *w, const struct digest *d)
{
	json_key(w, "hashes");
	json_open_array(w);
	json_open_object(w);
	json_key_string(w, "alg", str_after(d->text, "sha512:") ? "SHA-512" : "SHA-256");
	json_key_string(w, "content", digest_hex(d));
	json_close_object(w);
	json_close_array(w);
}

struct component {
	const char *type, *ref, *name, *version, *purl, *license, *source;
	const struct digest *digest;
	const struct strv *made_from; /* purls; or NULL */
};

static void add_property(struct json_writer *w, const char *name, const char *value)
{
	json_open_object(w);
	json_key_string(w, "name", name);
	json_key_string(w, "value", value);
	json_close_object(w);
}

static void write_properties(struct json_writer *w, const struct component *c)
{
	size_t n = c->made_from ? c->made_from->n : 0;

	if (!*c->source && n == 0)
		return;
	json_key(w, "properties");
	json_open_array(w);
	if (*c->source)
		add_property(w, "wherry:source", c->source);
	for (size_t i = 0; i < n; i++)
		add_property(w, "wherry:madeFrom", c->made_from->items[i]);
	json_close_array(w);
}

static int add_component(struct sbom *b, const struct component *c, struct werr **err)
{
	CLEANUP(buf) struct buf text = BUF_INIT(ELEMENT_MAX);
	struct json_writer w = JSON_WRITER(&text, 0);

	json_open_object(&w);
	json_key_string(&w, "type", c->type);
	json_key_string(&w, "bom-ref", c->ref);
	json_key_string(&w, "name", c->name);
	json_key_string_opt(&w, "version", c->version);
	if (c->digest)
		write_digest(&w, c->digest);
	write_licenses(&w, c->license);
	json_key_string_opt(&w, "purl", c->purl);
	write_properties(&w, c);
	json_close_object(&w);
	return sbom_append(b, SBOM_COMPONENTS, &text, err);
}

/* ---- attested packages ---- */

static const char *find_purl(const struct node *package)
{
	const struct node *refs = node_get(package, "externalRefs");

	for (size_t i = 0; refs && refs->kind == NODE_LIST && i < refs->n; i++) {
		const char *type = node_get_text(refs->items[i], "referenceType");
		const char *purl = node_get_text(refs->items[i], "referenceLocator");

		if (type && purl && str_eq(type, "purl") && strlen(purl) < PURL_TEXT_MAX)
			return purl;
	}
	return NULL;
}

int cyclonedx_add_package(struct sbom *b, const struct node *package, struct werr **err)
{
	const char *name = node_get_text(package, "name");
	const char *license = node_get_text(package, "licenseDeclared");
	CLEANUP(free) char *ref = str_printf("attested-%zu-%zu", b->n_images, b->attested.n);
	const struct component c = {.type = "library",
		.ref = ref,
		.name = name,
		.version = node_get_text(package, "versionInfo"),
		.purl = find_purl(package),
		.license = license && !str_eq(license, "NOASSERTION") && !str_eq(license, "NONE")
				   ? license
				   : "",
		.source = ""};

	if (!name || !*name)
		return 0;
	strv_add(&b->attested, ref);
	return add_component(b, &c, err);
}

/* ---- what is installed ---- */

static int add_images(struct sbom *b, struct werr **err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < b->n_images; i++) {
		const struct sbom_image *image = &b->images[i];
		CLEANUP(strv) struct strv made_from = {0};
		const struct component c = {.type = "container",
			.ref = image->purl,
			.name = image->name,
			.version = image->digest.text,
			.purl = image->purl,
			.license = image->license,
			.source = "",
			.digest = &image->digest,
			.made_from = &made_from};

		for (size_t k = 0; k < b->n_packages; k++)
			if (b->packages[k].image == i && b->packages[k].made_from)
				strv_add(&made_from, b->packages[k].purl);
		r = add_component(b, &c, err);
	}
	return r;
}

static int add_packages(struct sbom *b, struct werr **err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < b->n_packages; i++) {
		const struct sbom_package *p = sbom_take_package(b, i);

		if (p)
			r = add_component(b,
				&(struct component){.type = "library",
					.ref = p->purl,
					.name = p->name,
					.version = p->version,
					.purl = p->purl,
					.license = p->license,
					.source = p->source},
				err);
	}
	return r;
}

static int add_dependencies(
	struct sbom *b, const char *of, const struct strv *on, struct werr **err)
{
	CLEANUP(buf) struct buf text = BUF_INIT(ELEMENT_MAX);
	struct json_writer w = JSON_WRITER(&text, 0);

	json_open_object(&w);
	json_key_string(&w, "ref", of);
	json_key_strings_opt(&w, "dependsOn", on);
	json_close_object(&w);
	return sbom_append(b, SBOM_DEPENDENCIES, &text, err);
}

static int add_contents_of(struct sbom *b, size_t image, struct werr **err)
{
	CLEANUP(strv) struct strv on = {0};
	const struct sbom_image *i = &b->images[image];

	strv_add_all(&on, &i->refs);
	for (size_t k = 0; k < b->n_packages; k++)
		if (b->packages[k].image == image)
			strv_add(&on, b->packages[k].purl);
	return add_dependencies(b, i->purl, &on, err);
}

int cyclonedx_write_contents(struct sbom *b, struct werr **err)
{
	CLEANUP(strv) struct strv images = {0};
	int r = add_images(b, err);

	if (r == 0)
		r = add_packages(b, err);
	for (size_t i = 0; i < b->n_images; i++)
		strv_add(&images, b->images[i].purl);
	if (r == 0)
		r = add_dependencies(b, "os", &images, err);
	for (size_t i = 0; r == 0 && i < b->n_images; i++)
		r = add_contents_of(b, i, err);
	return r;
}
