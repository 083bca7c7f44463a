/* SPDX-License-Identifier: Apache-2.0 */
/* Makes small ELF files with everything that the loader reads, for 32 and 64 bits and both byte
 * orders. */
#ifndef WHERRY_TESTS_UNIT_PKG_ELF_SAMPLE_H
#define WHERRY_TESTS_UNIT_PKG_ELF_SAMPLE_H

#include <elf.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"

struct sample {
	bool narrow, big_endian;
	uint16_t machine;
	const char *interpreter;     /* NULL: none */
	const char *runpath, *rpath; /* NULL: none */
	const char *needed[4];       /* NULL ends them */
};

enum { SAMPLE_ADDRESS = 0x10000 };

static inline void sample_number(struct buf *b, const struct sample *s, uint64_t v, unsigned size)
{
	for (unsigned i = 0; i < size; i++)
		buf_putc(b, (char)(v >> 8 * (s->big_endian ? size - 1 - i : i)));
}

static inline void sample_word(struct buf *b, const struct sample *s, uint64_t v)
{
	sample_number(b, s, v, s->narrow ? 4 : 8);
}

static inline void sample_header(
	struct buf *b, const struct sample *s, uint32_t type, uint64_t offset, uint64_t size)
{
	sample_number(b, s, type, 4);
	if (!s->narrow)
		sample_number(b, s, 4, 4); /* flags */
	sample_word(b, s, offset);
	sample_word(b, s, SAMPLE_ADDRESS + offset);
	sample_word(b, s, SAMPLE_ADDRESS + offset);
	sample_word(b, s, size);
	sample_word(b, s, size);
	if (s->narrow)
		sample_number(b, s, 4, 4);
	sample_word(b, s, 1);
}

static inline void sample_entry(struct buf *b, const struct sample *s, uint64_t tag, uint64_t value)
{
	sample_word(b, s, tag);
	sample_word(b, s, value);
}

static inline uint64_t sample_string(struct buf *strings, const char *s)
{
	uint64_t at = strings->len;

	buf_add(strings, s, strlen(s) + 1);
	return at;
}

static inline void sample_dynamic(
	struct buf *d, struct buf *strings, const struct sample *s, uint64_t at)
{
	for (size_t i = 0; i < 4 && s->needed[i]; i++)
		sample_entry(d, s, DT_NEEDED, sample_string(strings, s->needed[i]));
	if (s->rpath)
		sample_entry(d, s, DT_RPATH, sample_string(strings, s->rpath));
	if (s->runpath)
		sample_entry(d, s, DT_RUNPATH, sample_string(strings, s->runpath));
	sample_entry(d, s, DT_STRTAB, SAMPLE_ADDRESS + at);
	sample_entry(d, s, DT_STRSZ, strings->len);
	sample_entry(d, s, DT_NULL, 0);
}

/* The file's bytes are added to b. Header, program headers, interpreter, strings, dynamic section.
 */
static inline void sample_elf(struct buf *b, const struct sample *s)
{
	const uint64_t ehdr = s->narrow ? 52 : 64, phdr = s->narrow ? 32 : 56;
	const uint64_t interpreter = ehdr + 3 * phdr;
	const uint64_t interpreter_size = s->interpreter ? strlen(s->interpreter) + 1 : 0;
	CLEANUP(buf) struct buf strings = BUF_INIT(4096), d = BUF_INIT(4096);
	const char ident[16] = {0x7f, 'E', 'L', 'F', s->narrow ? ELFCLASS32 : ELFCLASS64,
		s->big_endian ? ELFDATA2MSB : ELFDATA2LSB, 1};
	uint64_t total;

	buf_putc(&strings, '\0');
	sample_dynamic(&d, &strings, s, interpreter + interpreter_size);
	total = interpreter + interpreter_size + strings.len + d.len;

	buf_add(b, ident, sizeof(ident));
	sample_number(b, s, ET_DYN, 2);
	sample_number(b, s, s->machine, 2);
	sample_number(b, s, 1, 4);
	sample_word(b, s, 0);    /* entry */
	sample_word(b, s, ehdr); /* program headers */
	sample_word(b, s, 0);
	sample_number(b, s, 0, 4);
	sample_number(b, s, ehdr, 2);
	sample_number(b, s, phdr, 2);
	sample_number(b, s, 3, 2);
	sample_number(b, s, 0, 6);

	sample_header(b, s, PT_LOAD, 0, total);
	sample_header(b, s, s->interpreter ? PT_INTERP : PT_NOTE, interpreter, interpreter_size);
	sample_header(b, s, PT_DYNAMIC, interpreter + interpreter_size + strings.len, d.len);
	buf_add(b, s->interpreter ? s->interpreter : "", interpreter_size);
	buf_add(b, strings.data, strings.len);
	buf_add(b, d.data, d.len);
}

#endif
