/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Programs for UEFI: PE32+ files (Microsoft, "PE Format"). Addresses in them are relative to their
 * ImageBase.
 */
#ifndef WHERRY_BOOT_PE_H
#define WHERRY_BOOT_PE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum { PE_SECTIONS_MAX = 96, PE_NAME_MAX = 8, PE_SECTION_HEADER = 40 };

/* Where fields are: in the file header, in the optional header, in a section's header. */
enum { PE_FILE_SECTIONS = 2, PE_FILE_SYMBOLS = 8, PE_FILE_N_SYMBOLS = 12 };
enum {
	PE_OPTIONAL_CODE_SIZE = 4,
	PE_OPTIONAL_DATA_SIZE = 8,
	PE_OPTIONAL_IMAGE_SIZE = 56,
	PE_OPTIONAL_CHECKSUM = 64,
	PE_OPTIONAL_CERTIFICATES = 144, /* offset in the file, and size */
};

struct pe_section {
	char name[PE_NAME_MAX + 1];
	uint32_t size, rva; /* in memory */
	uint32_t raw, at;   /* in the file */
};

struct pe {
	uint16_t machine;                   /* IMAGE_FILE_MACHINE_... */
	uint16_t subsystem;                 /* IMAGE_SUBSYSTEM_... */
	uint32_t section_align, file_align; /* powers of 2 */
	uint32_t headers;                   /* bytes before the sections */
	/* Where the headers are, and where that of the next section would be. */
	size_t file_header, optional_header, sections_end;
	uint32_t certificates, certificates_size; /* in the file; 0: it has none */
	struct pe_section sections[PE_SECTIONS_MAX];
	size_t n;
};

/*
 * Read the headers of a file, of which at least these are in the size bytes. What they say of the
 * rest of the file is checked only by pe_check. WERR_INVALID: no PE32+ file.
 */
int pe_parse(const void *bytes, size_t size, struct pe *ret, struct werr **err);
/*
 * The sections follow the headers, and one another, in the file of so many bytes, as aligned as
 * they have to be, and do not overlap in memory. What is behind the last one is not looked at.
 */
int pe_check(const struct pe *pe, uint64_t size, struct werr **err);

/* NULL: there is no such section. */
const struct pe_section *pe_find(const struct pe *pe, const char *name);

#endif
