/* SPDX-License-Identifier: Apache-2.0 */
/* What rpm has installed: the headers in its database of SQLite (rpm 4.16 and later). */
#ifndef WHERRY_INVENTORY_RPM_H
#define WHERRY_INVENTORY_RPM_H

#include "base/io.h"
#include "inventory/software.h"

/* Where it is in an image; NULL ends them. The first that there is counts. */
extern const char *const rpm_databases[];

/* p, size: a header, see rpm-header.h. Another result than 0 ends the visits and is returned. */
typedef int rpm_visit_header(const unsigned char *p, size_t size, void *ctx, struct werr **err);
/* Call visit for the header of each package. WERR_CORRUPT. Can be interrupted. */
int rpm_visit_database(
	const struct io_range *file, rpm_visit_header *visit, void *ctx, struct werr **err);

/* Add the packages of rpmdb.sqlite. Keys that were imported (gpg-pubkey) are none. */
int rpm_read_database(struct software_list *l, const struct io_range *file, struct werr **err);
/* Add that of one header. WERR_CORRUPT. */
int rpm_read_header(
	struct software_list *l, const unsigned char *p, size_t size, struct werr **err);

#endif
