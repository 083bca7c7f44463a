/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ISO 9660 (ECMA-119), the file system of CDs: laid out on a disk that a format (disk.h) writes.
 * It has one directory, the root, whose files have names of one case. Linux shows them in lower
 * case.
 */
#ifndef WHERRY_DISK_ISO9660_H
#define WHERRY_DISK_ISO9660_H

#include <time.h>

#include "disk/extents.h"

struct iso_file {
	const char *name; /* letters, digits, '_' and at most one '.': at most 30 characters */
	const void *bytes;
	size_t size;
};

struct iso_options {
	const char *volume; /* its name: letters, digits and '_', at most 32 */
	time_t time;        /* of all that is on it */
	const struct iso_file *files;
	size_t n_files;
};

/*
 * The same options give the same bytes. The image refers to the bytes of the files, which stay the
 * caller's. WERR_INVALID: a name that can't be; WERR_EXISTS: two of one name; WERR_LIMIT: more than
 * 4 GiB.
 */
int iso_layout(const struct iso_options *o, struct extents *ret, struct werr **err);

#endif
