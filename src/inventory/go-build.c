/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/go-build.h"

#include <elf.h>
#include <string.h>

#include "base/endian.h"
#include "base/mem.h"

#define MAGIC "\xff Go buildinf:"
enum { HEADER_SIZE = 32, FLAGS_AT = 15, FLAG_INLINE = 2, SENTINEL = 16, LINE_FIELDS = 4 };

struct file {
	const struct io_range *range;
	bool wide, big; /* 64 bits; most significant byte first */
};

static uint16_t get16(const struct file *f, const unsigned char *p)
{
	return f->big ? be16_get(p) : le16_get(p);
}

/* A number of 8 bytes in a 64-bit file and of 4 in another, at its offset in each. */
static uint64_t get_word(
	const struct file *f, const unsigned char *p, unsigned wide, unsigned narrow)
{
	if (f->wide)
		return f->big ? be64_get(p + wide) : le64_get(p + wide);
	return f->big ? be32_get(p + narrow) : le32_get(p + narrow);
}

static bool read_at(const struct file *f, uint64_t offset, void *p, size_t size)
{
	return offset <= f->range->size && size <= f->range->size - offset &&
	       fd_read_at(f->range->fd, "an ELF file", f->range->offset + offset, p, size, NULL) ==
		       0;
}

static bool read_header(struct file *f, unsigned char ehdr[static sizeof(Elf64_Ehdr)])
{
	if (!read_at(f, 0, ehdr, sizeof(Elf64_Ehdr)) || memcmp(ehdr, ELFMAG, SELFMAG) != 0)
		return false;
	f->wide = ehdr[EI_CLASS] == ELFCLASS64;
	f->big = ehdr[EI_DATA] == ELFDATA2MSB;
	return true;
}

static size_t entry_size(const struct file *f)
{
	return f->wide ? sizeof(Elf64_Shdr) : sizeof(Elf32_Shdr);
}

/* The headers of the sections, and their number; NULL: there are none, or too many. */
static unsigned char *read_sections(const struct file *f, const unsigned char *ehdr, size_t *ret_n)
{
	size_t n = get16(f, ehdr + (f->wide ? 60 : 48));
	CLEANUP(free) unsigned char *headers = NULL;

	if (n == 0 || n > GO_BUILD_SECTIONS_MAX ||
		get16(f, ehdr + (f->wide ? 58 : 46)) != entry_size(f))
		return NULL;
	headers = mem_alloc_array(n, entry_size(f));
	if (!read_at(f, get_word(f, ehdr, 40, 32), headers, n * entry_size(f)))
		return NULL;
	*ret_n = n;
	return STEAL(headers);
}

/* The bytes of a section; NULL: there are none, or more than max. */
static unsigned char *read_section(
	const struct file *f, const unsigned char *header, size_t max, size_t *ret_size)
{
	uint64_t size = get_word(f, header, 32, 20);
	CLEANUP(free) unsigned char *bytes = NULL;

	if (size == 0 || size > max || size > f->range->size)
		return NULL;
	bytes = mem_alloc((size_t)size + 1);
	if (!read_at(f, get_word(f, header, 24, 16), bytes, (size_t)size))
		return NULL;
	*ret_size = (size_t)size;
	return STEAL(bytes);
}

static unsigned char *find_info(const struct file *f, const unsigned char *ehdr, size_t *ret_size)
{
	static const char wanted[] = ".go.buildinfo";
	size_t n = 0, index = get16(f, ehdr + (f->wide ? 62 : 50)), size = 0;
	CLEANUP(free) unsigned char *headers = read_sections(f, ehdr, &n);
	CLEANUP(free) unsigned char *names = NULL;

	if (!headers || index >= n)
		return NULL;
	names = read_section(f, headers + index * entry_size(f), GO_BUILD_NAMES_MAX, &size);
	for (size_t i = 0; names && i < n; i++) {
		const unsigned char *header = headers + i * entry_size(f);
		uint32_t name = f->big ? be32_get(header) : le32_get(header);

		if (name < size && size - name >= sizeof(wanted) &&
			memcmp(names + name, wanted, sizeof(wanted)) == 0)
			return read_section(f, header, GO_BUILD_INFO_MAX, ret_size);
	}
	return NULL;
}

/* A text behind its size, a varint of Go's encoding/binary. */
static bool take_text(
	const unsigned char **at, const unsigned char *end, struct software_slice *ret)
{
	uint64_t size = 0;
	unsigned shift = 0;

	for (;; shift += 7) {
		if (*at == end || shift > 56)
			return false;
		size |= (uint64_t)(**at & 0x7f) << shift;
		if (!(*(*at)++ & 0x80))
			break;
	}
	if (size > (uint64_t)(end - *at))
		return false;
	*ret = (struct software_slice){(const char *)*at, (size_t)size};
	*at += size;
	return true;
}

static int add_module(struct software_list *l, const struct software_slice *name,
	const struct software_slice *version, struct werr **err)
{
	const struct software_slice texts[SOFTWARE_TEXTS] = {
		[SOFTWARE_NAME] = *name,
		/* "(devel)" says that it was built from a checkout. */
		[SOFTWARE_VERSION] =
			version->size && *version->p == '(' ? (struct software_slice){0} : *version,
	};

	return software_add(l, SOFTWARE_GO, texts, err);
}

/* "go1.22.1 X:nocoverageredesign" is version 1.22.1. */
static int add_library(
	struct software_list *l, const struct software_slice *version, struct werr **err)
{
	static const struct software_slice name = {"stdlib", 6};
	struct software_slice number = *version;

	if (number.size > 2 && memcmp(number.p, "go", 2) == 0) {
		const char *space = memchr(number.p, ' ', number.size);

		if (space)
			number.size = (size_t)(space - number.p);
		number.p += 2;
		number.size -= 2;
	}
	return add_module(l, &name, &number, err);
}

static void split_line(
	const char *line, size_t size, struct software_slice fields[static LINE_FIELDS])
{
	for (size_t i = 0; i < LINE_FIELDS; i++) {
		const char *tab = memchr(line, '\t', size);
		size_t n = tab ? (size_t)(tab - line) : size;

		fields[i] = (struct software_slice){line, n};
		line += tab ? n + 1 : n;
		size -= tab ? n + 1 : n;
	}
}

/* Of a module that is replaced, the line "=>" behind it says by which one. */
static int add_modules(
	struct software_list *l, const struct software_slice *info, struct werr **err)
{
	const char *at = info->p, *end = info->p + info->size;
	struct software_slice pending[LINE_FIELDS] = {0}, fields[LINE_FIELDS];
	int r = 0;

	while (r == 0 && at < end) {
		const char *nl = memchr(at, '\n', (size_t)(end - at));
		size_t n = (size_t)((nl ? nl : end) - at);

		split_line(at, n, fields);
		if (software_slice_is(&fields[0], "=>")) {
			memcpy(pending, fields, sizeof(pending));
		} else if (software_slice_is(&fields[0], "mod") ||
			   software_slice_is(&fields[0], "dep")) {
			r = add_module(l, &pending[1], &pending[2], err);
			memcpy(pending, fields, sizeof(pending));
		}
		at = nl ? nl + 1 : end;
	}
	return r < 0 ? r : add_module(l, &pending[1], &pending[2], err);
}

int go_build_parse(struct software_list *l, const unsigned char *p, size_t size, struct werr **err)
{
	const unsigned char *at = p + HEADER_SIZE, *end = p + size;
	struct software_slice version, info;
	int r;

	if (size < HEADER_SIZE || memcmp(p, MAGIC, strlen(MAGIC)) != 0 ||
		!(p[FLAGS_AT] & FLAG_INLINE) || !take_text(&at, end, &version))
		return 0;
	r = add_library(l, &version, err);
	if (r < 0 || !take_text(&at, end, &info) || info.size < (size_t)2 * SENTINEL + 1)
		return r;
	info.p += SENTINEL;
	info.size -= 2 * (size_t)SENTINEL;
	return add_modules(l, &info, err);
}

int go_build_read(struct software_list *l, const struct io_range *file, struct werr **err)
{
	struct file f = {.range = file};
	unsigned char ehdr[sizeof(Elf64_Ehdr)];
	CLEANUP(free) unsigned char *info = NULL;
	size_t size = 0;

	if (read_header(&f, ehdr))
		info = find_info(&f, ehdr, &size);
	return info ? go_build_parse(l, info, size, err) : 0;
}
