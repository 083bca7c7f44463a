/* SPDX-License-Identifier: Apache-2.0 */
#include "boot/pe.h"

#include <string.h>

#include "base/endian.h"
#include "base/mem.h"
#include "base/str.h"

enum { DOS_SIZE = 64, DOS_PE = 0x3c, SIGNATURE_SIZE = 4, FILE_HEADER_SIZE = 20 };
enum { FILE_OPTIONAL_SIZE = 16 };
enum {
	OPTIONAL_SIZE_MIN = 152, /* up to the certificates */
	OPTIONAL_SECTION_ALIGN = 32,
	OPTIONAL_FILE_ALIGN = 36,
	OPTIONAL_HEADERS_SIZE = 60,
	OPTIONAL_SUBSYSTEM = 68,
	OPTIONAL_DIRECTORIES = 108,
	MAGIC_PE32_PLUS = 0x20b,
	DIRECTORIES_MIN = 5,
	ALIGN_MIN = 512,
	ALIGN_MAX = 64 << 10,
};

static bool is_alignment(uint32_t n)
{
	return n >= ALIGN_MIN && n <= ALIGN_MAX && (n & (n - 1)) == 0;
}

static void parse_section(const unsigned char *p, struct pe_section *ret)
{
	memcpy(ret->name, p, PE_NAME_MAX);
	ret->name[PE_NAME_MAX] = 0;
	ret->size = le32_get(p + 8);
	ret->rva = le32_get(p + 12);
	ret->raw = le32_get(p + 16);
	ret->at = le32_get(p + 20);
}

static int parse_optional(const unsigned char *p, size_t size, struct pe *pe, struct werr **err)
{
	if (size < OPTIONAL_SIZE_MIN || le16_get(p) != MAGIC_PE32_PLUS ||
		le32_get(p + OPTIONAL_DIRECTORIES) < DIRECTORIES_MIN)
		return werr_set(err, WERR_INVALID, "it is no 64-bit program for UEFI (PE32+)");
	pe->section_align = le32_get(p + OPTIONAL_SECTION_ALIGN);
	pe->file_align = le32_get(p + OPTIONAL_FILE_ALIGN);
	pe->headers = le32_get(p + OPTIONAL_HEADERS_SIZE);
	pe->subsystem = le16_get(p + OPTIONAL_SUBSYSTEM);
	pe->certificates = le32_get(p + PE_OPTIONAL_CERTIFICATES);
	pe->certificates_size = le32_get(p + PE_OPTIONAL_CERTIFICATES + 4);
	if (!is_alignment(pe->section_align) || !is_alignment(pe->file_align))
		return werr_set(err, WERR_INVALID, "its sections are aligned to %u and %u bytes",
			pe->section_align, pe->file_align);
	return 0;
}

int pe_parse(const void *bytes, size_t size, struct pe *ret, struct werr **err)
{
	const unsigned char *p = bytes;
	struct pe pe = {.file_header = 0};
	size_t at, optional_size, n;
	int r;

	if (size < DOS_SIZE || memcmp(p, "MZ", 2) != 0)
		return werr_set(err, WERR_INVALID, "it is no program for UEFI (PE)");
	at = le32_get(p + DOS_PE);
	if (at > size || size - at < SIGNATURE_SIZE + FILE_HEADER_SIZE ||
		memcmp(p + at, "PE\0", SIGNATURE_SIZE) != 0)
		return werr_set(err, WERR_INVALID, "it is no program for UEFI (PE)");
	pe.file_header = at + SIGNATURE_SIZE;
	pe.optional_header = pe.file_header + FILE_HEADER_SIZE;
	pe.machine = le16_get(p + pe.file_header);
	n = le16_get(p + pe.file_header + PE_FILE_SECTIONS);
	optional_size = le16_get(p + pe.file_header + FILE_OPTIONAL_SIZE);
	if (n > PE_SECTIONS_MAX)
		return werr_set(err, WERR_INVALID, "it has %zu sections", n);
	if (size - pe.optional_header < optional_size + n * PE_SECTION_HEADER)
		return werr_set(err, WERR_INVALID, "its headers are cut short");
	r = parse_optional(p + pe.optional_header, optional_size, &pe, err);
	if (r < 0)
		return r;
	for (at = pe.optional_header + optional_size; pe.n < n; at += PE_SECTION_HEADER)
		parse_section(p + at, &pe.sections[pe.n++]);
	pe.sections_end = at;
	*ret = pe;
	return 0;
}

int pe_check(const struct pe *pe, uint64_t size, struct werr **err)
{
	uint64_t at = pe->headers, rva = pe->headers;

	if (pe->headers > size || pe->headers % pe->file_align || pe->sections_end > pe->headers)
		return werr_set(err, WERR_INVALID, "its headers have %u bytes", pe->headers);
	for (size_t i = 0; i < pe->n; i++) {
		const struct pe_section *s = &pe->sections[i];

		/* The last one may have lost its padding. */
		if (s->at != at || s->at > size || s->raw > size - s->at ||
			(s->raw % pe->file_align && i + 1 < pe->n))
			return werr_set(err, WERR_INVALID,
				"its section %s is not where it should be in the file", s->name);
		if (s->rva < rva)
			return werr_set(err, WERR_INVALID,
				"its section %s overlaps another in memory", s->name);
		rva = (uint64_t)s->rva + (s->size ? s->size : s->raw);
		at += s->raw;
	}
	return 0;
}

const struct pe_section *pe_find(const struct pe *pe, const char *name)
{
	for (size_t i = 0; i < pe->n; i++)
		if (str_eq(pe->sections[i].name, name))
			return &pe->sections[i];
	return NULL;
}
