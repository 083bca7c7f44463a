/* SPDX-License-Identifier: Apache-2.0 */
/* Collecting the attested SBOMs of images into one SBOM. */
#include "sbom/sbom-impl.h"

#include <errno.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "data/json.h"

#define PREDICATE_SPDX "https://spdx.dev/Document"
#define MEDIA_IN_TOTO  "application/vnd.in-toto+json"

const struct sbom_section sbom_sections[SBOM_SECTIONS] = {
	[SBOM_PACKAGES] = {SBOM_SPDX, "packages", "packageFileName", NULL},
	[SBOM_FILES] = {SBOM_SPDX, "files", "fileName", "copyrightText"},
	[SBOM_LICENSES] = {SBOM_SPDX, "hasExtractedLicensingInfos", NULL, NULL},
	[SBOM_RELATIONSHIPS] = {SBOM_SPDX, "relationships", NULL, NULL},
	[SBOM_ANNOTATIONS] = {SBOM_SPDX, "annotations", NULL, NULL},
	[SBOM_REFERENCES] = {SBOM_SPDX, "externalDocumentRefs", NULL, NULL},
	[SBOM_COMPONENTS] = {SBOM_CYCLONEDX, "components", NULL, NULL},
	[SBOM_DEPENDENCIES] = {SBOM_CYCLONEDX, "dependencies", NULL, NULL},
};

const char *const *sbom_format_names(void)
{
	static const char *const names[] = {"spdx", "cyclonedx", NULL};

	return names;
}

const char *sbom_file_name(enum sbom_format format)
{
	return format == SBOM_SPDX ? "sbom.spdx.json" : "sbom.cdx.json";
}

int sbom_new(struct sbom **ret, enum sbom_format format, const char *dir, struct werr **err)
{
	CLEANUP(sbom) struct sbom *b = mem_new(struct sbom);
	int r = 0;

	b->format = format;
	b->document.fd = -1;
	for (size_t i = 0; i < SBOM_SECTIONS; i++)
		b->parts[i].fd = -1;
	for (size_t i = 0; r == 0 && i < SBOM_SECTIONS; i++)
		r = file_open_unnamed(dir, &b->parts[i].fd, err);
	if (r == 0)
		r = file_open_unnamed(dir, &b->document.fd, err);
	if (r == 0)
		*ret = STEAL(b);
	return r;
}

void sbom_free(struct sbom *b)
{
	for (size_t i = 0; i < SBOM_SECTIONS; i++)
		fd_cleanup(&b->parts[i].fd);
	fd_cleanup(&b->document.fd);
	sbom_free_contents(b);
	free(b);
}

static int append(struct sbom_file *f, const void *p, size_t size, struct werr **err)
{
	int r = fd_write_all(f->fd, p, size);

	f->size += size;
	return r < 0 ? werr_errno(err, -r, "can't write the SBOM") : 0;
}

int sbom_append(struct sbom *b, enum sbom_part part, const struct buf *element, struct werr **err)
{
	int r = 0;

	if (buf_error(element) < 0)
		return werr_set(
			err, WERR_LIMIT, "an element of %s is too large", sbom_sections[part].key);
	if (b->parts[part].size > 0)
		r = append(&b->parts[part], ",\n", 2, err);
	return r < 0 ? r : append(&b->parts[part], element->data, element->len, err);
}

/*
 * Convert the name of a file in an image to its name in the OS; "" when there is none. Owned by the
 * caller.
 */
static char *name_at(const char *prefix, const char *name)
{
	CLEANUP(free) char *inside = path_inside(name);

	if (!*prefix)
		return str_dup(name);
	if (inside && !*inside)
		return str_dup(prefix);
	return path_join(prefix, inside ? inside : name + strspn(name, "/"));
}

static void write_element(struct json_writer *w, const struct sbom_section *section,
	const struct node *n, const char *prefix)
{
	const char *name = section->file_name ? node_get_text(n, section->file_name) : NULL;
	CLEANUP(free) char *full = name_at(prefix, name ? name : "");

	json_open_object(w);
	for (size_t i = 0; i < n->n; i++) {
		if (section->file_name && str_eq(n->keys[i]->text, section->file_name))
			continue;
		json_key(w, n->keys[i]->text);
		json_node(w, n->items[i]);
	}
	if (section->file_name)
		json_key_string_opt(w, section->file_name, full);
	if (section->required && !node_get(n, section->required))
		json_key_string(w, section->required, "");
	json_close_object(w);
}

static int add_element(struct sbom *b, enum sbom_part part, const struct node *n,
	const char *prefix, struct werr **err)
{
	CLEANUP(buf) struct buf text = BUF_INIT(2 * SBOM_SIZE_MAX);
	struct json_writer w = JSON_WRITER(&text, 0);

	if (b->format == SBOM_CYCLONEDX)
		return part == SBOM_PACKAGES ? cyclonedx_add_package(b, n, err) : 0;
	write_element(&w, &sbom_sections[part], n, prefix);
	return sbom_append(b, part, &text, err);
}

static int add_section(struct sbom *b, enum sbom_part which, const struct node *list,
	const char *prefix, struct werr **err)
{
	const struct sbom_section *section = &sbom_sections[which];
	int r = 0;

	if (list->kind == NODE_NULL)
		return 0;
	if (list->kind != NODE_LIST)
		return node_error(
			err, list, "%s must be a list, not %s", section->key, node_kind_name(list));
	for (size_t i = 0; r == 0 && i < list->n; i++) {
		if (list->items[i]->kind != NODE_MAP)
			return node_error(err, list->items[i], "%s must hold maps, not %s",
				section->key, node_kind_name(list->items[i]));
		r = add_element(b, which, list->items[i], prefix, err);
	}
	return r;
}

int sbom_add_statement(struct sbom *b, const char *name, const char *text, size_t size,
	const char *prefix, struct werr **err)
{
	CLEANUP(document) struct document *d = NULL;
	const struct node *predicate;
	const char *type;
	int r = json_parse(name, text, size, &d, err);

	if (r < 0)
		return r;
	type = node_get_text(d->root, "predicateType");
	predicate = node_get(d->root, "predicate");
	if (!type || !str_eq(type, PREDICATE_SPDX) || !predicate || predicate->kind != NODE_MAP)
		return node_error(err, d->root, "this is not a statement with an SPDX document");
	for (enum sbom_part i = 0; r == 0 && i < SBOM_SECTIONS; i++) {
		const struct node *list = node_get(predicate, sbom_sections[i].key);

		if (list && sbom_sections[i].format == SBOM_SPDX)
			r = add_section(b, i, list, prefix, err);
	}
	return r;
}

static int add_layer(struct sbom *b, struct store *s, const struct image *image,
	const struct descriptor *d, const char *prefix, struct werr **err)
{
	CLEANUP(free) char *name = str_printf("blob %s", d->digest.text);
	CLEANUP(free) char *text = NULL;
	int r = store_read_blob(s, d, SBOM_SIZE_MAX, &text, err);

	if (r == 0)
		r = sbom_add_statement(b, name, text, d->size, prefix, err);
	if (r == 0)
		b->n_attested++;
	if (r < 0)
		werr_wrap(err, "the SBOM of image %s", image->name);
	return r;
}

static bool is_spdx(const struct descriptor *d)
{
	const char *type = descriptor_annotation(d, "in-toto.io/predicate-type");

	return type && str_eq(type, PREDICATE_SPDX) && str_eq(d->media_type, MEDIA_IN_TOTO);
}

/* An SBOM without one of the images is better than no OS. */
static int missing(int r, struct strv *warnings, struct werr **own, struct werr **err)
{
	if (r == -ENOENT || r == -E2BIG) {
		strv_addf(warnings, "%s; it is left out of the SBOM", (*own)->message);
		return 0;
	}
	werr_pass(err, STEAL(*own));
	return r;
}

int sbom_add_image(struct sbom *b, struct store *s, const struct image *image, const char *prefix,
	struct strv *warnings, bool *ret_found, struct werr **err)
{
	CLEANUP(manifest) struct manifest *m = NULL;
	CLEANUP(werr) struct werr *own = NULL;
	size_t before = b->n_attested;
	int r = store_find_attestation(s, image, &m, &own);

	for (size_t i = 0; r == 0 && m && i < m->n; i++)
		if (is_spdx(&m->items[i]))
			r = add_layer(b, s, image, &m->items[i], prefix, &own);
	*ret_found = b->n_attested > before;
	return r < 0 ? missing(r, warnings, &own, err) : 0;
}
