/* SPDX-License-Identifier: Apache-2.0 */
/* The formats behind tar.c: POSIX.1-2001 pax, "ustar Interchange Format" and "pax Header Block". */
#ifndef WHERRY_ARCHIVE_TAR_IMPL_H
#define WHERRY_ARCHIVE_TAR_IMPL_H

#include "base/buf.h"
#include "archive/archive.h"

enum { USTAR_NAME = 100, USTAR_PREFIX = 155 };

struct ustar {
	char name[USTAR_NAME];
	char mode[8], uid[8], gid[8], size[12], mtime[12], checksum[8];
	char type;
	char link[USTAR_NAME];
	char magic[6], version[2];
	char user[32], group[32];
	char major[8], minor[8];
	char prefix[USTAR_PREFIX];
	char end[12];
};
_Static_assert(sizeof(struct ustar) == 512, "a tar header is one block");

/* What of an entry did not go into its ustar header: what is not 0 or NULL becomes a record. */
struct pax {
	const char *path, *target;
	const char *source, *location;
	uint64_t uid, gid, size;
	bool mtime;                   /* meta's */
	const struct tree_meta *meta; /* its xattrs */
};

enum { PAX_MAX = 8 << 20 };

/* The records, sorted by their names. */
int pax_records(const struct pax *p, struct buf *to, struct werr **err);
/* Names beyond ASCII have no defined meaning in a ustar header; pax says that they are UTF-8. */
bool pax_needs(const char *name);

#endif
