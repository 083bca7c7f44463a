/* SPDX-License-Identifier: Apache-2.0 */
/* The OS, its images and packages as elements of an SPDX document. */
#include <string.h>

#include "base/mem.h"
#include "hash/sha256.h"
#include "sbom/sbom-impl.h"

#define OS_ID "SPDXRef-OS"
enum { ID_SIZE = 96, ID_NAME = 40, ID_DIGITS = 16, ELEMENT_MAX = 1 << 20 };

/* Letters, digits, '.' and '-'; the digest of what is unique about it makes it unique. */
static void make_id(
	const char *kind, const char *name, const char *unique, char ret[static ID_SIZE])
{
	CLEANUP(sha256) struct sha256 *h = sha256_new();
	char hex[SHA256_HEX + 1], plain[ID_NAME + 1];
	size_t n = 0;

	for (; name[n] && n < ID_NAME; n++)
		plain[n] = strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.",
				   name[n])
				   ? name[n]
				   : '-';
	plain[n] = '\0';
	sha256_add(h, unique, strlen(unique));
	sha256_hex(h, hex);
	(void)str_format(ret, ID_SIZE, "SPDXRef-%s-%s-%.*s", kind, plain, ID_DIGITS, hex);
}

static void image_id(const struct sbom_image *i, char ret[static ID_SIZE])
{
	const char *base = strrchr(i->name, '/');

	make_id("Image", base ? base + 1 : i->name, i->purl, ret);
}

static void package_id(const struct sbom_package *p, char ret[static ID_SIZE])
{
	make_id("Package", p->name, p->purl, ret);
}

static int relate(
	struct sbom *b, const char *from, const char *how, const char *to, struct werr **err)
{
	CLEANUP(buf) struct buf text = BUF_INIT(ELEMENT_MAX);
	struct json_writer w = JSON_WRITER(&text, 0);

	json_open_object(&w);
	json_key_string(&w, "spdxElementId", from);
	json_key_string(&w, "relationshipType", how);
	json_key_string(&w, "relatedSpdxElement", to);
	json_close_object(&w);
	return sbom_append(b, SBOM_RELATIONSHIPS, &text, err);
}

/* An element of packages; what it is, when it is more than a package. */
struct element {
	const char *id, *name, *version, *purl, *license, *source, *purpose;
	const struct digest *digest;
};

static void write_digest(struct json_writer *w, const struct digest *d)
{
	json_key(w, "checksums");
	json_open_array(w);
	json_open_object(w);
	json_key_string(w, "algorithm", str_after(d->text, "sha512:") ? "SHA512" : "SHA256");
	json_key_string(w, "checksumValue", digest_hex(d));
	json_close_object(w);
	json_close_array(w);
}

static void write_purl(struct json_writer *w, const char *purl)
{
	json_key(w, "externalRefs");
	json_open_array(w);
	json_open_object(w);
	json_key_string(w, "referenceCategory", "PACKAGE-MANAGER");
	json_key_string(w, "referenceType", "purl");
	json_key_string(w, "referenceLocator", purl);
	json_close_object(w);
	json_close_array(w);
}

/* texts: of licences without an identifier of SPDX, "ID\nTEXT", for the end of the document. */
static int add_element(
	struct sbom *b, const struct element *e, struct strv *texts, struct werr **err)
{
	CLEANUP(buf) struct buf text = BUF_INIT(ELEMENT_MAX);
	CLEANUP(license) struct license license;
	CLEANUP(free)
	char *source = *e->source ? str_printf("built from %s", e->source) : str_dup("");
	struct json_writer w = JSON_WRITER(&text, 0);

	license_convert(e->license, &license);
	json_open_object(&w);
	json_key_string(&w, "SPDXID", e->id);
	json_key_string(&w, "name", e->name);
	json_key_string_opt(&w, "versionInfo", e->version);
	json_key_string(&w, "downloadLocation", "NOASSERTION");
	json_key_bool(&w, "filesAnalyzed", false);
	json_key_string_opt(&w, "primaryPackagePurpose", e->purpose);
	json_key_string_opt(&w, "sourceInfo", source);
	json_key_string_opt(&w, "licenseDeclared", license.expression);
	if (e->digest)
		write_digest(&w, e->digest);
	if (e->purl)
		write_purl(&w, e->purl);
	json_close_object(&w);
	for (size_t i = 0; i < license.ids.n; i++)
		strv_addf(texts, "%s\n%s", license.ids.items[i], license.texts.items[i]);
	return sbom_append(b, SBOM_PACKAGES, &text, err);
}

static int add_images(struct sbom *b, struct strv *texts, struct werr **err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < b->n_images; i++) {
		const struct sbom_image *image = &b->images[i];
		char id[ID_SIZE];
		const struct element e = {.id = id,
			.name = image->name,
			.version = image->digest.text,
			.purl = image->purl,
			.license = image->license,
			.source = "",
			.purpose = "CONTAINER",
			.digest = &image->digest};

		image_id(image, id);
		r = add_element(b, &e, texts, err);
		if (r == 0)
			r = relate(b, OS_ID, "CONTAINS", id, err);
	}
	return r;
}

static int add_packages(struct sbom *b, struct strv *texts, struct werr **err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < b->n_packages; i++) {
		const struct sbom_package *p = sbom_take_package(b, i);
		char id[ID_SIZE], of[ID_SIZE];

		package_id(&b->packages[i], id);
		image_id(&b->images[b->packages[i].image], of);
		if (p)
			r = add_element(b,
				&(struct element){.id = id,
					.name = p->name,
					.version = p->version,
					.purl = p->purl,
					.license = p->license,
					.source = p->source},
				texts, err);
		if (r == 0)
			r = relate(b, of, b->packages[i].made_from ? "GENERATED_FROM" : "CONTAINS",
				id, err);
	}
	return r;
}

static int add_texts(struct sbom *b, struct strv *texts, struct werr **err)
{
	int r = 0;

	strv_sort(texts);
	for (size_t i = 0; r == 0 && i < texts->n; i++) {
		CLEANUP(buf) struct buf text = BUF_INIT(ELEMENT_MAX);
		struct json_writer w = JSON_WRITER(&text, 0);
		const char *said = strchr(texts->items[i], '\n');
		CLEANUP(free)
		char *id = str_dup_n(texts->items[i], (size_t)(said - texts->items[i]));

		if (i > 0 && str_eq(texts->items[i], texts->items[i - 1]))
			continue;
		json_open_object(&w);
		json_key_string(&w, "licenseId", id);
		json_key_string(&w, "extractedText", said + 1);
		json_close_object(&w);
		r = sbom_append(b, SBOM_LICENSES, &text, err);
	}
	return r;
}

int spdx_write_contents(struct sbom *b, struct werr **err)
{
	static const struct element os = {.id = OS_ID,
		.name = "os",
		.license = "",
		.source = "",
		.purpose = "OPERATING_SYSTEM"};
	CLEANUP(strv) struct strv texts = {0};
	int r = add_element(b, &os, &texts, err);

	if (r == 0)
		r = relate(b, "SPDXRef-DOCUMENT", "DESCRIBES", OS_ID, err);
	if (r == 0)
		r = add_images(b, &texts, err);
	if (r == 0)
		r = add_packages(b, &texts, err);
	return r < 0 ? r : add_texts(b, &texts, err);
}
