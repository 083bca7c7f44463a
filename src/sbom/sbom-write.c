/* SPDX-License-Identifier: Apache-2.0 */
/* Writing the SBOM's document from the collected parts. */
#include "sbom/sbom-impl.h"

#include "base/mem.h"
#include "base/str.h"
#include "base/utc.h"
#include "hash/sha256.h"

enum { HEAD_MAX = 4096 };

static struct reader *open_part(const struct sbom_file *f)
{
	return fd_range_reader_new(f->fd, "the SBOM", 0, f->size);
}

/* Make a UUID of version 8 (RFC 9562) from the content. */
static int make_uuid(
	const struct sbom *b, const char *created, char ret[static 37], struct werr **err)
{
	CLEANUP(sha256) struct sha256 *hash = sha256_new();
	CLEANUP(writer) struct writer *to = sha256_writer_new(NULL, hash);
	char hex[SHA256_HEX + 1];
	int r = writer_write(to, created, strlen(created), err);

	for (size_t i = 0; r == 0 && i < SBOM_SECTIONS; i++) {
		CLEANUP(reader) struct reader *part = open_part(&b->parts[i]);

		if (sbom_sections[i].format != b->format)
			continue;
		r = writer_write(to, sbom_sections[i].key, strlen(sbom_sections[i].key), err);
		if (r == 0)
			r = io_copy(part, to, NULL, err);
	}
	if (r < 0)
		return r;
	sha256_hex(hash, hex);
	return str_format(
		ret, 37, "%.8s-%.4s-8%.3s-9%.3s-%.12s", hex, hex + 8, hex + 12, hex + 15, hex + 18);
}

static void write_spdx_head(
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
	/* The object is closed after the sections. */
}

static void write_cyclonedx_head(struct buf *out, const char *created, const char *uuid)
{
	CLEANUP(free) char *serial = str_printf("urn:uuid:%s", uuid);
	struct json_writer w = JSON_WRITER(out, 0);

	json_open_object(&w);
	json_key_string(&w, "$schema", "http://cyclonedx.org/schema/bom-1.6.schema.json");
	json_key_string(&w, "bomFormat", "CycloneDX");
	json_key_string(&w, "specVersion", "1.6");
	json_key_string(&w, "serialNumber", serial);
	json_key_u64(&w, "version", 1);
	json_key(&w, "metadata");
	json_open_object(&w);
	json_key_string(&w, "timestamp", created);
	json_key(&w, "tools");
	json_open_object(&w);
	json_key(&w, "components");
	json_open_array(&w);
	json_open_object(&w);
	json_key_string(&w, "type", "application");
	json_key_string(&w, "name", "wherry");
	json_close_object(&w);
	json_close_array(&w);
	json_close_object(&w);
	json_key(&w, "component");
	json_open_object(&w);
	json_key_string(&w, "type", "operating-system");
	json_key_string(&w, "bom-ref", "os");
	json_key_string(&w, "name", "os");
	json_close_object(&w);
	json_close_object(&w);
	/* The object is closed after the sections. */
}

/* What is known of the contents becomes elements; a document may have none. */
static int write_contents(struct sbom *b, struct werr **err)
{
	if (b->n_images == 0)
		return 0;
	sbom_sort_packages(b);
	return b->format == SBOM_SPDX ? spdx_write_contents(b, err)
				      : cyclonedx_write_contents(b, err);
}

static int write_section(struct sbom *b, size_t which, struct writer *to, struct werr **err)
{
	CLEANUP(reader) struct reader *elements = open_part(&b->parts[which]);
	CLEANUP(free) char *head = str_printf(",\n\"%s\":[\n", sbom_sections[which].key);
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
	CLEANUP(writer) struct writer *file = fd_writer_new(b->document.fd, FD_LENT, "the SBOM");
	CLEANUP(writer) struct writer *to = count_writer_new(file, &b->document.size);
	CLEANUP(buf) struct buf head = BUF_INIT(HEAD_MAX);
	char created[32], uuid[37];
	struct tm tm;
	int r;

	if (!utc_from(header->time, &tm) ||
		strftime(created, sizeof(created), "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		return werr_set(err, WERR_INVALID, "the SBOM's time is out of range");
	r = write_contents(b, err);
	if (r == 0)
		r = make_uuid(b, created, uuid, err);
	if (r < 0)
		return r;
	if (b->format == SBOM_SPDX)
		write_spdx_head(&head, header, created, uuid);
	else
		write_cyclonedx_head(&head, created, uuid);
	r = writer_write(to, buf_str(&head), head.len, err);
	for (size_t i = 0; r == 0 && i < SBOM_SECTIONS; i++)
		r = write_section(b, i, to, err);
	if (r == 0)
		r = writer_write(to, "}\n", 2, err);
	if (r == 0)
		*ret = open_part(&b->document);
	return r;
}
