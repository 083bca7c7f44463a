/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Links whose target is in a pax record only. Go's archive/tar leaves characters outside ASCII out
 * of the header's own field; when that is empty, libarchive 3.6 ignores the record's target, too.
 * So such a header is given a target, which libarchive then replaces by the record's.
 */
#ifndef WHERRY_TAR_TAR_LINKS_H
#define WHERRY_TAR_TAR_LINKS_H

#include "base/attr.h"
#include "base/buf.h"
#include "tar/tar-header.h"

enum { TAR_LINKS_RECORDS_MAX = 1 << 20 }; /* bytes of an entry's records; beyond that it gives up */

struct tar_links {
	bool lost;     /* the tar cannot be followed any further; the rest is left alone */
	bool records;  /* an entry's records follow */
	uint64_t left; /* bytes before the next header */
	struct buf body;
	struct tar_head head;
};
void tar_links_init(struct tar_links *l);
void tar_links_cleanup(struct tar_links *l);
/*
 * Change the next bytes of the tar in place; called from its beginning on, with whole blocks except
 * at its end.
 */
void tar_links_fill(struct tar_links *l, unsigned char *p, size_t size);

#endif
