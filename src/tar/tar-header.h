/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The headers of an entry of a tar: POSIX.1-2001 pax, "ustar Interchange Format" and "pax Header
 * Block".
 */
#ifndef WHERRY_TAR_TAR_HEADER_H
#define WHERRY_TAR_TAR_HEADER_H

#include "base/buf.h"
#include "tar/ustar.h"

struct tar_header {
	char type;
	uint64_t size; /* bytes that follow it, without padding */
};
/* Read a header; false when the block is not a header, or is broken. */
bool tar_header_read(const struct ustar *h, struct tar_header *ret);
/* Whether an entry of this type is followed by its contents. Unknown types count as files. */
bool tar_has_content(char type);

/* What the headers of an entry have said so far. */
struct tar_head {
	uint64_t start;                 /* offset of the first header */
	char *path, *source, *location; /* from records, or NULL; the last two are LinuxKit's */
	bool linked;                    /* a record gives the target of a link */
	bool sized;                     /* a record gives the size */
	uint64_t size;
};
void tar_head_cleanup(struct tar_head *e);
/* Read pax records: a sequence of "LENGTH key=value\n". False when they are broken. */
bool tar_records_read(struct tar_head *e, const char *p, size_t left);
/* Append such a record; its length includes its own digits. */
void tar_record_put(struct buf *to, const char *key, const void *value, size_t size);

#endif
