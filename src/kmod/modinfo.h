/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a kernel module says of itself: the section .modinfo of an ELF file (System V ABI, "Object
 * Files"), which consists of texts KEY=VALUE, each with a NUL (Linux, include/linux/moduleparam.h).
 */
#ifndef WHERRY_KMOD_MODINFO_H
#define WHERRY_KMOD_MODINFO_H

#include <stddef.h>

#include "base/error.h"

struct modinfo {
	const char *text; /* in the module's bytes; its last byte is a NUL */
	size_t size;
};

/* Find it in the bytes of a module, uncompressed. WERR_CORRUPT: it is no kernel module. */
int modinfo_find(const void *module, size_t size, struct modinfo *ret, struct werr **err);
/* The next value of a key, behind the value `last` of it (NULL: the first); NULL: no more. */
const char *modinfo_next(const struct modinfo *m, const char *key, const char *last);

#endif
