/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The part of ELF (System V ABI, "Object Files", "Dynamic Linking") that tells what a program needs
 * to be loaded.
 */
#ifndef WHERRY_PKG_ELF_H
#define WHERRY_PKG_ELF_H

#include <stdbool.h>
#include <stdint.h>

#include "base/io.h"
#include "base/str.h"

enum {
	ELF_HEADERS_MAX = 512,      /* program headers */
	ELF_DYNAMIC_MAX = 1 << 20,  /* bytes of the dynamic section */
	ELF_STRINGS_MAX = 16 << 20, /* bytes of its string table */
	ELF_NAME_MAX = 4096,        /* bytes of one name, with its NUL */
	ELF_NEEDED_MAX = 1024,
};

struct elf {
	bool is_elf;        /* false: another kind of file; nothing below is set */
	bool is_dynamic;    /* it has an interpreter or needs libraries */
	uint16_t machine;   /* EM_... */
	char *interpreter;  /* or NULL */
	struct strv needed; /* names of libraries */
	struct strv search; /* the directories of RUNPATH, or else RPATH */
};

/* Read `file`. A broken ELF file is WERR_CORRUPT; another kind of file is not an error (is_elf). */
int elf_read(const struct io_range *file, struct elf *ret, struct werr **err);
void elf_cleanup(struct elf *e);

#endif
