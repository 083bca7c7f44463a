/* SPDX-License-Identifier: Apache-2.0 */
#include "pkg/elf.h"

#include <elf.h>
#include <string.h>

#include "base/endian.h"
#include "base/mem.h"

/* A PT_LOAD: where a part of the file is in memory. */
struct segment {
	uint64_t address, offset, size;
};

struct elf_file {
	const struct io_range *file;
	bool wide, big_endian; /* 64 bits; most significant byte first */
	struct segment *segments;
	size_t n_segments;
	struct segment interpreter, dynamic; /* size 0: there is none */
};

/* What the dynamic section says; offsets are into the string table. */
struct dynamic {
	uint64_t strings, strings_size; /* address and size of the table */
	uint64_t needed[ELF_NEEDED_MAX];
	size_t n_needed;
	uint64_t rpath, runpath; /* UINT64_MAX: none */
};

static int broken(struct werr **err, const char *what)
{
	return werr_set(err, WERR_CORRUPT, "broken ELF file: %s", what);
}

static uint16_t get16(const struct elf_file *f, const unsigned char *p)
{
	return f->big_endian ? be16_get(p) : le16_get(p);
}

static uint32_t get32(const struct elf_file *f, const unsigned char *p)
{
	return f->big_endian ? be32_get(p) : le32_get(p);
}

static uint64_t get64(const struct elf_file *f, const unsigned char *p)
{
	return f->big_endian ? be64_get(p) : le64_get(p);
}

/* A number of 8 bytes in a 64-bit file and 4 in a 32-bit one, at its offset in each. */
static uint64_t word(
	const struct elf_file *f, const unsigned char *p, unsigned wide, unsigned narrow)
{
	return f->wide ? get64(f, p + wide) : get32(f, p + narrow);
}

static int read_at(
	const struct elf_file *f, uint64_t offset, void *p, size_t size, struct werr **err)
{
	if (offset > f->file->size || size > f->file->size - offset)
		return broken(err, "a part is beyond the end of the file");
	return fd_read_at(f->file->fd, "the ELF file", f->file->offset + offset, p, size, err);
}

static void take_header(struct elf_file *f, const unsigned char *p)
{
	struct segment s = {
		.address = word(f, p, 16, 8),
		.offset = word(f, p, 8, 4),
		.size = word(f, p, 32, 16),
	};

	switch (get32(f, p)) {
	case PT_LOAD:
		f->segments[f->n_segments++] = s;
		break;
	case PT_INTERP:
		f->interpreter = s;
		break;
	case PT_DYNAMIC:
		f->dynamic = s;
		break;
	}
}

static int read_headers(struct elf_file *f, const unsigned char *ehdr, struct werr **err)
{
	const size_t entry = f->wide ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);
	uint64_t offset = word(f, ehdr, 32, 28);
	uint16_t n = get16(f, ehdr + (f->wide ? 56 : 44));
	CLEANUP(free) unsigned char *headers = NULL;
	int r;

	if (n == 0) /* an object file, as a kernel module is */
		return 0;
	if (n > ELF_HEADERS_MAX)
		return broken(err, "too many program headers");
	if (get16(f, ehdr + (f->wide ? 54 : 42)) != entry)
		return broken(err, "program headers of an unknown size");
	headers = mem_alloc_array(n, entry);
	r = read_at(f, offset, headers, n * entry, err);
	if (r < 0)
		return r;
	f->segments = mem_new_array(struct segment, n);
	for (size_t i = 0; i < n; i++)
		take_header(f, headers + i * entry);
	return 0;
}

static int read_interpreter(const struct elf_file *f, char **ret, struct werr **err)
{
	CLEANUP(free) char *name = NULL;
	int r;

	if (f->interpreter.size == 0)
		return 0;
	if (f->interpreter.size > ELF_NAME_MAX)
		return broken(err, "the interpreter's name is too long");
	name = mem_alloc(f->interpreter.size);
	r = read_at(f, f->interpreter.offset, name, f->interpreter.size, err);
	if (r < 0)
		return r;
	if (name[f->interpreter.size - 1] || !name[0])
		return broken(err, "the interpreter's name is not terminated");
	*ret = STEAL(name);
	return 0;
}

static int take_entry(struct dynamic *d, uint64_t tag, uint64_t value, struct werr **err)
{
	switch (tag) {
	case DT_NEEDED:
		if (d->n_needed == ELF_NEEDED_MAX)
			return broken(err, "too many needed libraries");
		d->needed[d->n_needed++] = value;
		break;
	case DT_STRTAB:
		d->strings = value;
		break;
	case DT_STRSZ:
		d->strings_size = value;
		break;
	case DT_RPATH:
		d->rpath = value;
		break;
	case DT_RUNPATH:
		d->runpath = value;
		break;
	}
	return 0;
}

static int read_dynamic(const struct elf_file *f, struct dynamic *d, struct werr **err)
{
	const size_t entry = f->wide ? 16 : 8;
	CLEANUP(free) unsigned char *p = NULL;
	int r;

	if (f->dynamic.size > ELF_DYNAMIC_MAX)
		return broken(err, "the dynamic section is too large");
	p = mem_alloc(f->dynamic.size + 1);
	r = read_at(f, f->dynamic.offset, p, f->dynamic.size, err);
	for (size_t i = 0; r == 0 && i + entry <= f->dynamic.size; i += entry) {
		uint64_t tag = word(f, p + i, 0, 0);

		if (tag == DT_NULL)
			break;
		r = take_entry(d, tag, word(f, p + i, 8, 4), err);
	}
	return r;
}

/* The string table is given by its address in memory: find where in the file that is. */
static int read_strings(
	const struct elf_file *f, const struct dynamic *d, char **ret, struct werr **err)
{
	CLEANUP(free) char *strings = NULL;
	int r;

	if (d->strings_size > ELF_STRINGS_MAX)
		return broken(err, "the string table is too large");
	for (size_t i = 0; i < f->n_segments; i++) {
		const struct segment *s = &f->segments[i];
		uint64_t inside = d->strings - s->address;

		if (d->strings < s->address || inside >= s->size ||
			d->strings_size > s->size - inside || inside > UINT64_MAX - s->offset)
			continue;
		strings = mem_alloc(d->strings_size + 1);
		r = read_at(f, s->offset + inside, strings, d->strings_size, err);
		if (r < 0)
			return r;
		*ret = STEAL(strings);
		return 0;
	}
	return broken(err, "the string table is in no segment");
}

/* The buffer is NUL-terminated, so that every name in the table ends. */
static int string_at(const struct dynamic *d, const char *strings, uint64_t offset,
	const char **ret, struct werr **err)
{
	if (offset >= d->strings_size)
		return broken(err, "a name is outside of the string table");
	if (!strings[offset] || strnlen(strings + offset, ELF_NAME_MAX) == ELF_NAME_MAX)
		return broken(err, "a name is empty or too long");
	*ret = strings + offset;
	return 0;
}

static int take_names(
	const struct dynamic *d, const char *strings, struct elf *ret, struct werr **err)
{
	/* RPATH counts only without a RUNPATH (ld.so(8)). */
	uint64_t search = d->runpath != UINT64_MAX ? d->runpath : d->rpath;
	const char *name = "";
	int r = 0;

	for (size_t i = 0; r == 0 && i < d->n_needed; i++) {
		r = string_at(d, strings, d->needed[i], &name, err);
		if (r == 0)
			strv_add(&ret->needed, name);
	}
	if (r == 0 && search != UINT64_MAX && search < d->strings_size && strings[search]) {
		r = string_at(d, strings, search, &name, err);
		if (r == 0)
			strv_split(&ret->search, name, ':');
	}
	return r;
}

static int read_needs(const struct elf_file *f, struct elf *ret, struct werr **err)
{
	CLEANUP(free) struct dynamic *d = mem_new(struct dynamic);
	CLEANUP(free) char *strings = NULL;
	int r;

	if (f->dynamic.size == 0)
		return 0;
	d->rpath = d->runpath = UINT64_MAX;
	r = read_dynamic(f, d, err);
	if (r < 0 || (d->n_needed == 0 && d->rpath == UINT64_MAX && d->runpath == UINT64_MAX))
		return r;
	r = read_strings(f, d, &strings, err);
	return r < 0 ? r : take_names(d, strings, ret, err);
}

/* Fill in what the first bytes tell; false when it is not an ELF file. */
static bool identify(struct elf_file *f, const unsigned char *ehdr)
{
	if (memcmp(ehdr, ELFMAG, SELFMAG) != 0)
		return false;
	f->wide = ehdr[EI_CLASS] == ELFCLASS64;
	f->big_endian = ehdr[EI_DATA] == ELFDATA2MSB;
	return (f->wide || ehdr[EI_CLASS] == ELFCLASS32) &&
	       (f->big_endian || ehdr[EI_DATA] == ELFDATA2LSB);
}

int elf_read(const struct io_range *file, struct elf *ret, struct werr **err)
{
	struct elf_file f = {.file = file};
	unsigned char ehdr[sizeof(Elf64_Ehdr)] = {0};
	struct elf e = {0};
	int r;

	*ret = e;
	if (file->size < sizeof(Elf32_Ehdr))
		return 0;
	r = read_at(
		&f, 0, ehdr, file->size < sizeof(ehdr) ? sizeof(Elf32_Ehdr) : sizeof(ehdr), err);
	if (r < 0 || !identify(&f, ehdr))
		return r;
	e.is_elf = true;
	e.machine = get16(&f, ehdr + 18);
	r = read_headers(&f, ehdr, err);
	if (r == 0)
		r = read_interpreter(&f, &e.interpreter, err);
	if (r == 0)
		r = read_needs(&f, &e, err);
	free(f.segments);
	if (r < 0) {
		elf_cleanup(&e);
		return r;
	}
	e.is_dynamic = e.interpreter || e.needed.n;
	*ret = e;
	return 0;
}

void elf_cleanup(struct elf *e)
{
	free(e->interpreter);
	strv_clear(&e->needed);
	strv_clear(&e->search);
	*e = (struct elf){0};
}
