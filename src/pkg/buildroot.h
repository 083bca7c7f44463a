/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The root that build steps run in: Debian packages of one suite for this machine's architecture,
 * unpacked. Maintainer scripts never run; what a step needs of their work is done here. Roots are
 * kept in the cache, under the hash of all their packages.
 */
#ifndef WHERRY_PKG_BUILDROOT_H
#define WHERRY_PKG_BUILDROOT_H

#include "arch/arch.h"
#include "base/str.h"
#include "pkg/record.h"

struct buildroot {
	char *path; /* of the root; absolute; read-only */
	int lock;   /* while it is held, the root is not removed */
};

struct buildroot_wish {
	const char *suite;           /* or NULL */
	const struct strv *packages; /* besides those of every root: a shell, coreutils, tar... */
	const struct arch *target;   /* what is built for: the variables in names are about it */
};

/* All packages in the root are added to records. */
int buildroot_open(struct buildroot **ret, const char *cache_dir, const struct buildroot_wish *wish,
	struct records *records, struct werr **err);
void buildroot_free(struct buildroot *b);
DEFINE_CLEANUP(struct buildroot *, buildroot_free, buildroot)

#endif
