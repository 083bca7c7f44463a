/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a program of Go was built from: the section .go.buildinfo of its ELF file (Go's package
 * debug/buildinfo), as Go 1.18 and later write it.
 */
#ifndef WHERRY_INVENTORY_GO_BUILD_H
#define WHERRY_INVENTORY_GO_BUILD_H

#include "base/io.h"
#include "inventory/software.h"

enum { GO_BUILD_SECTIONS_MAX = 512, GO_BUILD_NAMES_MAX = 64 << 10, GO_BUILD_INFO_MAX = 4 << 20 };

/*
 * Add its main module, its modules and Go's own library. Any other kind of file adds nothing, and
 * neither does a file that is broken: whatever it is, Go does not understand it either.
 */
int go_build_read(struct software_list *l, const struct io_range *file, struct werr **err);
/* The same for the bytes of the section. */
int go_build_parse(struct software_list *l, const unsigned char *p, size_t size, struct werr **err);

#endif
