/* SPDX-License-Identifier: Apache-2.0 */
/* A program for UEFI with two sections, as far as headers go. */
#ifndef WHERRY_TESTS_UNIT_BOOT_STUB_H
#define WHERRY_TESTS_UNIT_BOOT_STUB_H

#include <stdint.h>
#include <string.h>

#include "base/endian.h"

enum {
	STUB_PE = 0x40,
	STUB_FILE = STUB_PE + 4,
	STUB_OPTIONAL = STUB_FILE + 20,
	STUB_OPTIONAL_SIZE = 240,
	STUB_SECTIONS = STUB_OPTIONAL + STUB_OPTIONAL_SIZE,
	STUB_HEADERS = 0x400,
	STUB_SIZE = 0x800,
	STUB_MACHINE = 0x8664,
};

/* Section i, at the file's offset `at`. */
static inline void stub_put_section(unsigned char *stub, unsigned i, const char *name,
	uint32_t size, uint32_t rva, uint32_t raw, uint32_t at)
{
	unsigned char *p = stub + STUB_SECTIONS + (size_t)40 * i;

	memcpy(p, name, strlen(name));
	le32_put(p + 8, size);
	le32_put(p + 12, rva);
	le32_put(p + 16, raw);
	le32_put(p + 20, at);
}

/* .text in 0x400..0x600 of the file, and .sbat in 0x600..0x800. */
static inline void stub_make(
	unsigned char stub[static STUB_SIZE], uint32_t section_align, uint64_t image_base)
{
	unsigned char *p = stub + STUB_OPTIONAL;

	memset(stub, 0, STUB_HEADERS);
	memset(stub + STUB_HEADERS, 't', 0x200);
	memset(stub + STUB_HEADERS + 0x200, 's', 0x200);
	memcpy(stub, "MZ", 2);
	le32_put(stub + 0x3c, STUB_PE);
	memcpy(stub + STUB_PE, "PE", 2);
	le16_put(stub + STUB_FILE, STUB_MACHINE);
	le16_put(stub + STUB_FILE + 2, 2);
	le16_put(stub + STUB_FILE + 16, STUB_OPTIONAL_SIZE);
	le16_put(p, 0x20b);
	le32_put(p + 4, 0x200); /* code */
	le32_put(p + 8, 0x200); /* data */
	le64_put(p + 24, image_base);
	le32_put(p + 32, section_align);
	le32_put(p + 36, 0x200);
	le32_put(p + 56, 0x3000); /* in memory */
	le32_put(p + 60, STUB_HEADERS);
	le32_put(p + 64, 0x12345678); /* checksum */
	le16_put(p + 68, 10);         /* UEFI application */
	le32_put(p + 108, 16);        /* directories */
	stub_put_section(stub, 0, ".text", 0x1f0, 0x1000, 0x200, 0x400);
	stub_put_section(stub, 1, ".sbat", 0x20, 0x2000, 0x200, 0x600);
}

#endif
