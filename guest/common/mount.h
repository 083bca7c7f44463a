/* SPDX-License-Identifier: Apache-2.0 */
/* Mounts as mount(8) and the OCI runtime specification write them. */
#ifndef WHERRY_GUEST_MOUNT_H
#define WHERRY_GUEST_MOUNT_H

#include "base/error.h"
#include "base/str.h"

struct mount_options {
	unsigned long flags;       /* MS_* for mount(2) */
	unsigned long propagation; /* MS_SHARED and the like, with MS_REC; 0: as it is */
	char *data;                /* the file system's own options, joined by commas; may be "" */
};
/* WERR_UNSUPPORTED for an option that is known and not done here ("loop"). */
int mount_options_parse(const struct strv *options, struct mount_options *ret, struct werr **err);
void mount_options_cleanup(struct mount_options *o);

/*
 * Mount source on destination, which is made if it is missing (a file, when a file is bound), with
 * those above it; for an overlay upperdir and workdir as well. type and source may be NULL. A bind
 * with flags of its own is remounted with them.
 */
int mount_on(const char *source, const char *destination, const char *type,
	const struct strv *options, struct werr **err);

#endif
