/* SPDX-License-Identifier: Apache-2.0 */
#include "kmod/modinfo.h"

#include <elf.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/endian.h"
#include "base/str.h"

/* Where the fields of 32-bit and 64-bit files are. */
static const struct layout {
	unsigned header, sections, count, names; /* of the file */
	unsigned section, name, offset, length;  /* of a section */
	bool wide;
} layouts[] = {
	[ELFCLASS32] = {sizeof(Elf32_Ehdr), offsetof(Elf32_Ehdr, e_shoff),
		offsetof(Elf32_Ehdr, e_shnum), offsetof(Elf32_Ehdr, e_shstrndx), sizeof(Elf32_Shdr),
		offsetof(Elf32_Shdr, sh_name), offsetof(Elf32_Shdr, sh_offset),
		offsetof(Elf32_Shdr, sh_size), false},
	[ELFCLASS64] = {sizeof(Elf64_Ehdr), offsetof(Elf64_Ehdr, e_shoff),
		offsetof(Elf64_Ehdr, e_shnum), offsetof(Elf64_Ehdr, e_shstrndx), sizeof(Elf64_Shdr),
		offsetof(Elf64_Shdr, sh_name), offsetof(Elf64_Shdr, sh_offset),
		offsetof(Elf64_Shdr, sh_size), true},
};

struct elf {
	const unsigned char *bytes;
	size_t size;
	const struct layout *is;
	bool big_endian;
};

static uint64_t get(const struct elf *e, uint64_t at, unsigned size)
{
	const unsigned char *p = e->bytes + at;

	switch (size) {
	case 2:
		return e->big_endian ? be16_get(p) : le16_get(p);
	case 4:
		return e->big_endian ? be32_get(p) : le32_get(p);
	default:
		return e->big_endian ? be64_get(p) : le64_get(p);
	}
}

static uint64_t get_word(const struct elf *e, uint64_t at)
{
	return get(e, at, e->is->wide ? 8 : 4);
}

/* The bytes of a section whose header is there; false: they are not in the file. */
static bool take_section(const struct elf *e, uint64_t header, struct modinfo *ret)
{
	uint64_t offset = get_word(e, header + e->is->offset);
	uint64_t size = get_word(e, header + e->is->length);

	if (offset > e->size || size > e->size - offset || size == 0)
		return false;
	*ret = (struct modinfo){(const char *)e->bytes + offset, (size_t)size};
	return ret->text[ret->size - 1] == 0;
}

static bool find_section(const struct elf *e, const char *name, struct modinfo *ret)
{
	uint64_t at = get_word(e, e->is->sections), n = get(e, e->is->count, 2);
	uint64_t names = get(e, e->is->names, 2), name_at;
	struct modinfo table;

	if (at > e->size || n > (e->size - at) / e->is->section || names >= n ||
		!take_section(e, at + names * e->is->section, &table))
		return false;
	for (uint64_t i = 0; i < n; i++, at += e->is->section) {
		name_at = get(e, at + e->is->name, 4);
		if (name_at < table.size && str_eq(table.text + name_at, name))
			return take_section(e, at, ret);
	}
	return false;
}

int modinfo_find(const void *module, size_t size, struct modinfo *ret, struct werr **err)
{
	struct elf e = {.bytes = module, .size = size};
	unsigned class = size > EI_DATA && memcmp(module, ELFMAG, SELFMAG) == 0 ? e.bytes[EI_CLASS]
										: ELFCLASSNONE;

	if (class == ELFCLASS32 || class == ELFCLASS64) {
		e.is = &layouts[class];
		e.big_endian = e.bytes[EI_DATA] == ELFDATA2MSB;
		if (size >= e.is->header && find_section(&e, ".modinfo", ret))
			return 0;
	}
	return werr_set(err, WERR_CORRUPT, "it is no kernel module");
}

const char *modinfo_next(const struct modinfo *m, const char *key, const char *last)
{
	const char *text = last ? last + strlen(last) + 1 : m->text, *end = m->text + m->size;

	for (; text < end; text += strlen(text) + 1) {
		const char *value = str_after(text, key);

		if (value && *value == '=')
			return value + 1;
	}
	return NULL;
}
