/* SPDX-License-Identifier: Apache-2.0 */
/* Mounts, written as in mount(8) and in the OCI runtime specification. */
#ifndef WHERRY_GUEST_MOUNT_H
#define WHERRY_GUEST_MOUNT_H

#include "base/error.h"
#include "base/str.h"

struct mount_options {
	unsigned long flags;       /* MS_* for mount(2) */
	unsigned long propagation; /* MS_SHARED and so on, with MS_REC; 0: leave as it is */
	char *data;                /* the file system's own options, joined by commas; may be "" */
};
/* WERR_UNSUPPORTED for an option that is known but not implemented ("loop"). */
int mount_options_parse(const struct strv *options, struct mount_options *ret, struct werr **err);
void mount_options_cleanup(struct mount_options *o);

/*
 * Mount source on destination. A missing mount point is created with its parents (as a file, to
 * bind a file), and so are the upperdir and workdir of an overlay. source and type may be NULL. A
 * bind mount with flags of its own is remounted with them.
 */
int mount_on(const char *source, const char *destination, const char *type,
	const struct strv *options, struct werr **err);

#endif
