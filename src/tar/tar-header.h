/* SPDX-License-Identifier: Apache-2.0 */
/* What a tar says in front of an entry: POSIX.1-2001 pax, "ustar Interchange Format" and "pax
 * Header Block". */
#ifndef WHERRY_TAR_TAR_HEADER_H
#define WHERRY_TAR_TAR_HEADER_H

#include "base/buf.h"
#include "tar/ustar.h"

struct tar_header {
	char type;
	uint64_t size; /* bytes behind it, without what fills the last block */
};
/* false: the block is no header, or broken. */
bool tar_header_read(const struct ustar *h, struct tar_header *ret);
/* Do bytes follow an entry of this type? What is not known counts as a file. */
bool tar_has_content(char type);

/* What the headers in front of an entry tell, while they are read. */
struct tar_head {
	uint64_t start;                 /* of its first header */
	char *path, *source, *location; /* by records, or NULL; the last two are LinuxKit's */
	bool linked;                    /* a record has a link's target */
	bool sized;                     /* by a record */
	uint64_t size;
};
void tar_head_cleanup(struct tar_head *e);
/* Take what pax records, "LENGTH key=value\n" one behind the other, tell of an entry. false: they
 * are broken. */
bool tar_records_read(struct tar_head *e, const char *p, size_t left);
/* Add such a record; its length counts its own digits too. */
void tar_record_put(struct buf *to, const char *key, const void *value, size_t size);

#endif
