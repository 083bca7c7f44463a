/* SPDX-License-Identifier: Apache-2.0 */
/* What rpm has installed: the headers in its database of SQLite (rpm 4.16 and later). */
#ifndef WHERRY_INVENTORY_RPM_H
#define WHERRY_INVENTORY_RPM_H

#include "base/io.h"
#include "inventory/software.h"

enum { RPM_TAGS_MAX = 1 << 16 };

/* Add the packages of rpmdb.sqlite. Keys that were imported (gpg-pubkey) are none. */
int rpm_read_database(struct software_list *l, const struct io_range *file, struct werr **err);
/*
 * Add that of one header: rpm's docs/manual/format.md, "Header", without the magic. WERR_CORRUPT.
 */
int rpm_read_header(
	struct software_list *l, const unsigned char *p, size_t size, struct werr **err);

#endif
