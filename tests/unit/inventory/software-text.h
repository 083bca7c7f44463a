/* SPDX-License-Identifier: Apache-2.0 */
/* What was found, as text: a line for each, with its texts as far as there are any. */
#ifndef WHERRY_TESTS_UNIT_INVENTORY_SOFTWARE_TEXT_H
#define WHERRY_TESTS_UNIT_INVENTORY_SOFTWARE_TEXT_H

#include "base/buf.h"
#include "base/mem.h"
#include "inventory/software.h"

/* "deb acl 2.3 - amd64 acl 2.3 GPL-2+"; '-' is an empty text, '|' a line break. */
static inline char *software_text(const struct software_list *l)
{
	static const char *const kinds[SOFTWARE_KINDS] = {"deb", "apk", "rpm", "go"};
	CLEANUP(buf) struct buf out = BUF_INIT(1 << 20);

	for (size_t i = 0; i < l->n; i++) {
		buf_puts(&out, kinds[l->items[i].kind]);
		for (size_t k = 0; k < SOFTWARE_TEXTS; k++) {
			const char *text = l->items[i].text[k];

			buf_putc(&out, ' ');
			for (const char *c = *text ? text : "-"; *c; c++)
				buf_putc(&out, *c == '\n' ? '|' : *c);
		}
		buf_putc(&out, '\n');
	}
	return buf_steal(&out);
}

#endif
