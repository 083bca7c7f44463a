/* SPDX-License-Identifier: Apache-2.0 */
/* The formats behind tar.c: POSIX.1-2001 pax, "ustar Interchange Format" and "pax Header Block". */
#ifndef WHERRY_ARCHIVE_TAR_IMPL_H
#define WHERRY_ARCHIVE_TAR_IMPL_H

#include "base/buf.h"
#include "archive/archive.h"
#include "tar/ustar.h"

/* What did not fit a member's ustar header: what is not 0 or NULL becomes a record. */
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
/*
 * Does a name need a record? Names beyond ASCII do: a ustar header leaves their meaning open, pax
 * says that they are UTF-8.
 */
bool pax_needs(const char *name);

#endif
