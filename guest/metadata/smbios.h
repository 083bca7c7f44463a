/* SPDX-License-Identifier: Apache-2.0 */
/* The machine as its firmware describes it: SMBIOS (DMTF DSP0134), read from the kernel's copy. */
#ifndef WHERRY_GUEST_SMBIOS_H
#define WHERRY_GUEST_SMBIOS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

enum {
	SMBIOS_TABLE_MAX = 4 << 20,
	/* Types of structures (section 7) and the places of strings in them. */
	SMBIOS_SYSTEM = 1,
	SMBIOS_SYSTEM_VENDOR = 4,
	SMBIOS_SYSTEM_PRODUCT = 5,
	SMBIOS_CHASSIS = 3,
	SMBIOS_CHASSIS_TAG = 8,
	SMBIOS_OEM_STRINGS = 11,
	SMBIOS_OEM_COUNT = 4,
};

struct smbios {
	unsigned char *table;
	size_t size;
};
void smbios_cleanup(struct smbios *s);
/* Read the kernel's table; empty where there is none. */
int smbios_read(struct smbios *ret, struct werr **err);

struct smbios_entry {
	unsigned type;
	const unsigned char *fixed; /* the formatted part, with its head of four bytes */
	size_t fixed_size;
	const char *texts; /* each with its NUL, and one more at the end */
};
/* The entry at *at, which moves on. False: it is the end, or what follows is no entry. */
bool smbios_next(const struct smbios *s, size_t *at, struct smbios_entry *ret);
/* The string with a number from 1; NULL: there is none. */
const char *smbios_text(const struct smbios_entry *e, unsigned number);
/* That which the first entry of a type has at a place; "" when there is none. */
const char *smbios_find(const struct smbios *s, unsigned type, size_t place);

#endif
