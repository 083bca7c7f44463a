/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Links that have their target in a pax record only. Go's archive/tar leaves all that isn't ASCII
 * out of a header's own field, and where nothing is left libarchive 3.6 does not tell the record's
 * target either. So such a header is given a target, which libarchive then replaces by the
 * record's.
 */
#ifndef WHERRY_TAR_TAR_LINKS_H
#define WHERRY_TAR_TAR_LINKS_H

#include "base/attr.h"
#include "base/buf.h"
#include "tar/tar-header.h"

enum { TAR_LINKS_RECORDS_MAX = 1 << 20 }; /* bytes of an entry's records; with more it gives up */

struct tar_links {
	bool lost;     /* it can't follow the tar any further, and leaves the rest as it is */
	bool records;  /* what comes are an entry's records */
	uint64_t left; /* bytes that come before the next header */
	struct buf body;
	struct tar_head head;
};
void tar_links_init(struct tar_links *l);
void tar_links_cleanup(struct tar_links *l);
/* The next bytes of the tar, from its beginning on: whole blocks, but at its end. */
void tar_links_fill(struct tar_links *l, unsigned char *p, size_t size);

#endif
