/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The root that build steps run in: Debian packages of one suite for this machine's architecture,
 * unpacked. Maintainer scripts never run; what they would do and a step needs is done here. A root
 * is kept in the cache, under the hash of all its packages.
 */
#ifndef WHERRY_PKG_BUILDROOT_H
#define WHERRY_PKG_BUILDROOT_H

#include "base/str.h"
#include "pkg/record.h"

struct buildroot {
	char *path; /* of the root; absolute. Not to be written to */
	int lock;   /* while it is held, nobody removes the root */
};

/*
 * The packages are those that every root has (a shell, coreutils, tar...) and the named ones. Those
 * that are in it are added to records.
 */
int buildroot_open(struct buildroot **ret, const char *cache_dir, const char *suite,
	const struct strv *packages, struct records *records, struct werr **err);
void buildroot_free(struct buildroot *b);
DEFINE_CLEANUP(struct buildroot *, buildroot_free, buildroot)

#endif
