/* SPDX-License-Identifier: Apache-2.0 */
/* GUIDs (RFC 9562, there UUIDs): in the order of their text. */
#ifndef WHERRY_DISK_GUID_H
#define WHERRY_DISK_GUID_H

#include <stdbool.h>

enum { GUID_SIZE = 16, GUID_TEXT = 37 };

struct guid {
	unsigned char bytes[GUID_SIZE];
};

bool guid_is_zero(const struct guid *g);
bool guid_eq(const struct guid *a, const struct guid *b);
/* Put it as EFI (UEFI 2.10, appendix A) and Windows do: the first three fields the other way. */
void guid_put_mixed(unsigned char ret[static GUID_SIZE], const struct guid *g);
/* The other way: what such bytes are. */
void guid_get_mixed(const unsigned char p[static GUID_SIZE], struct guid *ret);
/* In lower case, as a kernel's root=PARTUUID= has it, with a NUL. */
void guid_text(const struct guid *g, char ret[static GUID_TEXT]);

#endif
