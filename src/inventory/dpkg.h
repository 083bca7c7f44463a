/* SPDX-License-Identifier: Apache-2.0 */
/* What dpkg has installed: its status file (deb822(5), dpkg-query(1)), and licences of Debian. */
#ifndef WHERRY_INVENTORY_DPKG_H
#define WHERRY_INVENTORY_DPKG_H

#include "inventory/software.h"

/*
 * Add the packages that a status file says are there. A package whose files were removed, and whose
 * configuration is left, is not.
 */
int dpkg_read_status(struct software_list *l, const char *text, size_t size, struct werr **err);
/*
 * The short names of licences in a copyright file in Debian's machine-readable format (1.0): those
 * of all of its files, each once, one a line. Owned by the caller; NULL when it is in no such
 * format, or names none.
 */
char *dpkg_read_licenses(const char *text, size_t size);

#endif
