/* SPDX-License-Identifier: Apache-2.0 */
#include "boot/uki.h"

#include <string.h>

#include "base/endian.h"
#include "base/mem.h"
#include "base/str.h"
#include "boot/authenticode.h"

enum {
	MEMORY_ALIGN = 4096, /* of sections: a page */
	SUBSYSTEM_EFI_APPLICATION = 10,
	IS_CODE = 0x20,
	IS_DATA = 0x40,
	IS_READABLE = 0x40000000,
};

/* An image that is being laid out. */
struct uki {
	struct extents *to;
	unsigned char *head; /* the stub */
	struct pe pe;
	uint64_t end, rva; /* where the next section is, in the file and in memory */
	uint64_t code, data;
};

void uki_parts_cleanup(struct uki_parts *p)
{
	extents_cleanup(&p->initrd);
	extents_cleanup(&p->kernel);
}

static uint64_t aligned(uint64_t n, uint64_t to)
{
	return (n + to - 1) / to * to;
}

static int bad_stub(struct werr **err, const char *what)
{
	return werr_set(err, WERR_INVALID, "the stub of a unified kernel image: %s", what);
}

static int too_large(struct werr **err)
{
	return werr_set(err, WERR_LIMIT, "a program for UEFI can't be larger than 4 GiB");
}

/* ---- the stub ---- */

static int check_stub(const struct uki_parts *p, const struct pe *pe, struct werr **err)
{
	if (pe->n == 0)
		return bad_stub(err, "it has no sections");
	if (pe->machine != p->machine)
		return bad_stub(err, "it is for another architecture");
	if (pe->subsystem != SUBSYSTEM_EFI_APPLICATION)
		return bad_stub(err, "it is no UEFI application");
	if (pe->certificates)
		return bad_stub(err, "it is signed already");
	return 0;
}

/* What is behind its last section, such as symbols, is left out. */
static void put_stub(struct uki *u, const struct uki_parts *p)
{
	struct pe_section *last = &u->pe.sections[u->pe.n - 1];
	size_t size = last->at + (size_t)last->raw;
	unsigned char *header;

	u->end = aligned(size, u->pe.file_align);
	u->head = extents_alloc(u->to, (size_t)u->end);
	memcpy(u->head, p->stub, size);
	header = u->head + u->pe.sections_end - PE_SECTION_HEADER;
	le32_put(header + 16, (uint32_t)(u->end - last->at));
	memset(u->head + u->pe.file_header + PE_FILE_SYMBOLS, 0, 8);
	u->rva = (uint64_t)last->rva + (last->size ? last->size : last->raw);
}

static int begin(struct uki *u, const struct uki_parts *p, struct werr **err)
{
	int r = pe_parse(p->stub, p->stub_size, &u->pe, err);
	const unsigned char *optional;

	if (r == 0)
		r = pe_check(&u->pe, p->stub_size, err);
	if (r < 0)
		werr_wrap(err, "the stub of a unified kernel image");
	if (r == 0)
		r = check_stub(p, &u->pe, err);
	if (r < 0)
		return r;
	put_stub(u, p);
	optional = u->head + u->pe.optional_header;
	u->code = le32_get(optional + PE_OPTIONAL_CODE_SIZE);
	u->data = le32_get(optional + PE_OPTIONAL_DATA_SIZE);
	return 0;
}

/* ---- sections ---- */

static int add_header(struct uki *u, const char *name, uint64_t size, uint64_t raw, uint32_t flags,
	struct werr **err)
{
	unsigned char *p = u->head + u->pe.sections_end;

	if (u->pe.sections_end + PE_SECTION_HEADER > u->pe.headers || u->pe.n == PE_SECTIONS_MAX)
		return bad_stub(err, "its headers have no room for more sections");
	if (pe_find(&u->pe, name))
		return bad_stub(err, "it has such sections already");
	memset(p, 0, PE_SECTION_HEADER);
	memcpy(p, name, strlen(name));
	le32_put(p + 8, (uint32_t)size);
	le32_put(p + 12, (uint32_t)u->rva);
	le32_put(p + 16, (uint32_t)raw);
	le32_put(p + 20, (uint32_t)u->end);
	le32_put(p + 36, flags);
	u->pe.sections_end += PE_SECTION_HEADER;
	u->pe.n++;
	return 0;
}

/* Put the bytes, which are none afterwards, at the end. */
static int add_section(struct uki *u, const char *name, struct extents *from, uint32_t kind,
	struct uki_place *ret, struct werr **err)
{
	uint64_t align = u->pe.section_align > MEMORY_ALIGN ? u->pe.section_align : MEMORY_ALIGN;
	uint64_t size = from->size, raw;
	int r;

	if (size == 0)
		return 0;
	if (size > UINT32_MAX)
		return too_large(err);
	raw = aligned(size, u->pe.file_align);
	u->rva = aligned(u->rva, align);
	if (u->end + raw > UINT32_MAX || u->rva + aligned(size, align) > UINT32_MAX)
		return too_large(err);
	r = add_header(u, name, size, raw, kind | IS_READABLE, err);
	if (r < 0)
		return r;
	*ret = (struct uki_place){u->end, size};
	u->to->size = u->end + raw;
	r = extents_move(u->to, u->end, from, err);
	u->end += raw;
	u->rva += size;
	*(kind == IS_CODE ? &u->code : &u->data) += raw;
	return r;
}

static int add_text(struct uki *u, const char *name, const char *text, struct werr **err)
{
	CLEANUP(extents) struct extents bytes = {.size = text ? strlen(text) : 0};
	struct uki_place place;
	char *copy;

	if (!text)
		return 0;
	copy = extents_alloc(&bytes, bytes.size + 1);
	memcpy(copy, text, bytes.size);
	(void)extents_add_bytes(&bytes, 0, copy, bytes.size, NULL);
	return add_section(u, name, &bytes, IS_DATA, &place, err);
}

static int add_cmdline(struct uki *u, const char *cmdline, struct werr **err)
{
	CLEANUP(free) char *line = str_dup(*cmdline ? cmdline : " ");

	for (char *p = line; *p; p++)
		if (*p == '\n' || *p == '\r' || *p == '\t')
			*p = ' ';
	return add_text(u, ".cmdline", line, err);
}

/* The kernel is last, as it may be unpacked where it is. */
static int add_sections(
	struct uki *u, struct uki_parts *p, struct uki_places *ret, struct werr **err)
{
	int r = add_text(u, ".osrel", p->os_release, err);

	if (r == 0)
		r = add_cmdline(u, p->cmdline, err);
	if (r == 0)
		r = add_text(u, ".uname", p->uname, err);
	if (r == 0)
		r = add_section(u, ".initrd", &p->initrd, IS_DATA, &ret->initrd, err);
	return r < 0 ? r : add_section(u, ".linux", &p->kernel, IS_CODE, &ret->kernel, err);
}

/* ---- the headers ---- */

static void finish_headers(struct uki *u)
{
	unsigned char *optional = u->head + u->pe.optional_header;

	le16_put(u->head + u->pe.file_header + PE_FILE_SECTIONS, (uint16_t)u->pe.n);
	le32_put(optional + PE_OPTIONAL_CODE_SIZE, (uint32_t)u->code);
	le32_put(optional + PE_OPTIONAL_DATA_SIZE, (uint32_t)u->data);
	le32_put(optional + PE_OPTIONAL_IMAGE_SIZE, (uint32_t)aligned(u->rva, u->pe.section_align));
	/* It is for drivers of Windows; UEFI looks at signatures instead. */
	le32_put(optional + PE_OPTIONAL_CHECKSUM, 0);
}

int uki_layout(
	struct uki_parts *p, struct extents *ret, struct uki_places *ret_places, struct werr **err)
{
	struct uki u = {.to = ret};
	uint64_t stub_end;
	int r = begin(&u, p, err);

	if (r < 0)
		return r;
	stub_end = u.end;
	r = add_sections(&u, p, ret_places, err);
	if (r < 0)
		return r;
	finish_headers(&u);
	r = extents_add_bytes(ret, 0, u.head, (size_t)stub_end, err);
	return r < 0 || !p->signer ? r : authenticode_sign(ret, u.head, &u.pe, p->signer, err);
}
