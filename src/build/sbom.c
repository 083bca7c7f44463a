/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lists of the documents are joined, each in an unnamed file, so that memory has room for one image's document only. SPDX:
 * https://spdx.github.io/spdx-spec/v2.3/ and its JSON schema.
 */
#include "build/sbom.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/sha256.h"
#include "base/str.h"
#include "data/json.h"

#define PREDICATE_SPDX "https://spdx.dev/Document"
#define MEDIA_IN_TOTO  "application/vnd.in-toto+json"

enum { HEAD_MAX = 4096 };

/* The lists that are joined; where a file's name is in an element, and what else it must have. */
static const struct section {
	const char *key, *file_name, *required;
} sections[] = {
	{"packages", "packageFileName", NULL},
	{"files", "fileName", "copyrightText"},
	{"hasExtractedLicensingInfos", NULL, NULL},
	{"relationships", NULL, NULL},
	{"annotations", NULL, NULL},
	{"externalDocumentRefs", NULL, NULL},
};
enum { SECTIONS = ARRAY_SIZE(sections) };

struct part_file {
	int fd;
	uint64_t size;
};

struct sbom {
	struct part_file parts[SECTIONS]; /* the elements, with commas in between */
	struct part_file document;        /* once it is finished */
};

int sbom_new(struct sbom **ret, const char *dir, struct werr **err)
{
	CLEANUP(sbom) struct sbom *b = mem_new(struct sbom);
	int r = 0;

	b->document.fd = -1;
	for (size_t i = 0; i < SECTIONS; i++)
		b->parts[i].fd = -1;
	for (size_t i = 0; r == 0 && i < SECTIONS; i++)
		r = file_open_unnamed(dir, &b->parts[i].fd, err);
	if (r == 0)
		r = file_open_unnamed(dir, &b->document.fd, err);
	if (r == 0)
		*ret = STEAL(b);
	return r;
}

void sbom_free(struct sbom *b)
{
	for (size_t i = 0; i < SECTIONS; i++)
		fd_cleanup(&b->parts[i].fd);
	fd_cleanup(&b->document.fd);
	free(b);
}

static int append(struct part_file *f, const void *p, size_t size, struct werr **err)
{
	int r = fd_write_all(f->fd, p, size);

	f->size += size;
	return r < 0 ? werr_errno(err, -r, "can't write the SBOM") : 0;
}

/* ---- documents in ---- */

/* The name of a file in an image as one of the OS; "" when there is none. Owned by the caller. */
static char *name_at(const char *prefix, const char *name)
{
	CLEANUP(free) char *inside = path_inside(name);

	if (!*prefix)
		return str_dup(name);
	if (inside && !*inside)
		return str_dup(prefix);
	return path_join(prefix, inside ? inside : name + strspn(name, "/"));
}

static void write_element(struct json_writer *w, const struct section *section,
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

static int add_element(struct part_file *f, const struct section *section, const struct node *n,
	const char *prefix, struct werr **err)
{
	CLEANUP(buf) struct buf text = BUF_INIT(2 * SBOM_SIZE_MAX);
	struct json_writer w = JSON_WRITER(&text, 0);

	if (f->size > 0)
		buf_puts(&text, ",\n");
	write_element(&w, section, n, prefix);
	if (buf_error(&text) < 0)
		return werr_set(err, WERR_LIMIT, "an element of %s is too large", section->key);
	return append(f, text.data, text.len, err);
}

static int add_section(struct sbom *b, size_t which, const struct document *d,
	const struct node *list, const char *prefix, struct werr **err)
{
	const struct section *section = &sections[which];
	int r = 0;

	if (list->kind == NODE_NULL)
		return 0;
	if (list->kind != NODE_LIST)
		return node_error(err, d, list, "%s must be a list, not %s", section->key,
			node_kind_name(list));
	for (size_t i = 0; r == 0 && i < list->n; i++) {
		if (list->items[i]->kind != NODE_MAP)
			return node_error(err, d, list->items[i], "%s must hold maps, not %s",
				section->key, node_kind_name(list->items[i]));
		r = add_element(&b->parts[which], section, list->items[i], prefix, err);
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
		return node_error(err, d, d->root, "this is no statement with an SPDX document");
	for (size_t i = 0; r == 0 && i < SECTIONS; i++) {
		const struct node *list = node_get(predicate, sections[i].key);

		if (list)
			r = add_section(b, i, d, list, prefix, err);
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
	if (r < 0)
		werr_wrap(err, "the SBOM of image %s", image->name);
	return r;
}

static bool is_spdx(const struct descriptor *d)
{
	const char *type = descriptor_annotation(d, "in-toto.io/predicate-type");

	return type && str_eq(type, PREDICATE_SPDX) && str_eq(d->media_type, MEDIA_IN_TOTO);
}

/* An SBOM that lacks an image is better than no OS. */
static int missing(int r, struct werr **own, struct werr **err)
{
	if (r == -ENOENT || r == -E2BIG) {
		log_warning("%s; it is left out of the SBOM", (*own)->message);
		return 0;
	}
	if (err)
		*err = STEAL(*own);
	return r;
}

int sbom_add_image(struct sbom *b, struct store *s, const struct image *image, const char *prefix,
	struct werr **err)
{
	CLEANUP(manifest) struct manifest *m = NULL;
	CLEANUP(werr) struct werr *own = NULL;
	int r = store_find_attestation(s, image, &m, &own);

	for (size_t i = 0; r == 0 && m && i < m->n; i++)
		if (is_spdx(&m->items[i]))
			r = add_layer(b, s, image, &m->items[i], prefix, &own);
	return r < 0 ? missing(r, &own, err) : 0;
}

/* ---- the document out ---- */

static struct reader *open_part(const struct part_file *f)
{
	return range_reader_new(f->fd, false, "the SBOM", 0, f->size);
}

/* A UUID of version 8 (RFC 9562) from the content. */
static int make_uuid(
	const struct sbom *b, const char *created, char ret[static 37], struct werr **err)
{
	CLEANUP(sha256) struct sha256 *hash = sha256_new();
	CLEANUP(writer) struct writer *to = sha256_writer_new(NULL, hash);
	char hex[SHA256_HEX + 1];
	int r = writer_write(to, created, strlen(created), err);

	for (size_t i = 0; r == 0 && i < SECTIONS; i++) {
		CLEANUP(reader) struct reader *part = open_part(&b->parts[i]);

		r = writer_write(to, sections[i].key, strlen(sections[i].key), err);
		if (r == 0)
			r = io_copy(part, to, NULL, err);
	}
	if (r < 0)
		return r;
	sha256_hex(hash, hex);
	return str_format(
		ret, 37, "%.8s-%.4s-8%.3s-9%.3s-%.12s", hex, hex + 8, hex + 12, hex + 15, hex + 18);
}

static void write_head(
	struct buf *out, const struct sbom_header *h, const char *created, const char *uuid)
{
	CLEANUP(free)
	char *namespace = str_printf("%s-%s",
		h->like_linuxkit ? "https://github.com/linuxkit/linuxkit/sbom"
				 : "https://spdx.org/spdxdocs/sbom",
		uuid);
	struct json_writer w = JSON_WRITER(out, 0);

	json_open_object(&w);
	json_key_string(&w, "spdxVersion", "SPDX-2.3");
	json_key_string(&w, "dataLicense", "CC0-1.0");
	json_key_string(&w, "SPDXID", "SPDXRef-DOCUMENT");
	json_key_string(&w, "name", "sbom");
	json_key_string(&w, "documentNamespace", namespace);
	json_key(&w, "creationInfo");
	json_open_object(&w);
	json_key_string(&w, "licenseListVersion", "3.20");
	json_key(&w, "creators");
	json_open_array(&w);
	if (h->like_linuxkit)
		json_string(&w, "Organization: LinuxKit");
	json_string(&w, h->like_linuxkit ? "Tool: linuxkit" : "Tool: wherry");
	json_close_array(&w);
	json_key_string(&w, "created", created);
	json_close_object(&w);
	/* The object is closed behind the sections. */
}

static int write_section(struct sbom *b, size_t which, struct writer *to, struct werr **err)
{
	CLEANUP(reader) struct reader *elements = open_part(&b->parts[which]);
	CLEANUP(free) char *head = str_printf(",\n\"%s\":[\n", sections[which].key);
	int r;

	if (b->parts[which].size == 0)
		return 0;
	r = writer_write(to, head, strlen(head), err);
	if (r == 0)
		r = io_copy(elements, to, NULL, err);
	return r < 0 ? r : writer_write(to, "]", 1, err);
}

int sbom_finish(
	struct sbom *b, const struct sbom_header *header, struct reader **ret, struct werr **err)
{
	CLEANUP(writer) struct writer *file = fd_writer_new(b->document.fd, false, "the SBOM");
	CLEANUP(writer) struct writer *to = count_writer_new(file, &b->document.size);
	CLEANUP(buf) struct buf head = BUF_INIT(HEAD_MAX);
	char created[32], uuid[37];
	time_t seconds = (time_t)header->time;
	struct tm tm;
	int r;

	if (!gmtime_r(&seconds, &tm) ||
		strftime(created, sizeof(created), "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		return werr_set(err, WERR_INVALID, "the SBOM's time is out of range");
	r = make_uuid(b, created, uuid, err);
	if (r < 0)
		return r;
	write_head(&head, header, created, uuid);
	r = writer_write(to, buf_str(&head), head.len, err);
	for (size_t i = 0; r == 0 && i < SECTIONS; i++)
		r = write_section(b, i, to, err);
	if (r == 0)
		r = writer_write(to, "}\n", 2, err);
	if (r == 0)
		*ret = open_part(&b->document);
	return r;
}
