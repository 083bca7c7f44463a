/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Paragraphs of fields, `KEY:value` a line, with an empty line between them: Debian's control files
 * (deb822(5)) and the list of installed packages of apk. Lines that begin with a space continue a
 * value, and are left out.
 */
#ifndef WHERRY_INVENTORY_FIELDS_H
#define WHERRY_INVENTORY_FIELDS_H

#include "inventory/software.h"

enum { FIELDS_MAX = 8 };

/* Called for each paragraph with the values of the keys, in their order. */
typedef int fields_visit(const struct software_slice *values, void *ctx, struct werr **err);
/*
 * Read size bytes of text. keys: up to FIELDS_MAX, ended by NULL. Any other result of visit than 0
 * ends it and is returned.
 */
int fields_read(const char *text, size_t size, const char *const *keys, fields_visit *visit,
	void *ctx, struct werr **err);

#endif
