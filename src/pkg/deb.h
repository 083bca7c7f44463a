/* SPDX-License-Identifier: Apache-2.0 */
/* A Debian package, deb(5): an ar archive of debian-binary, control.tar.* and data.tar.*. */
#ifndef WHERRY_PKG_DEB_H
#define WHERRY_PKG_DEB_H

#include "tree/tree.h"

enum { DEB_CONTROL_MAX = 1 << 20 };

/* What the package says of itself. */
struct deb_info {
	char *name, *version, *architecture;
	char *source,
		*source_version; /* what it was built from; name and version when it doesn't say */
};
void deb_info_cleanup(struct deb_info *i);

/*
 * Read the package in the file fd (not owned), named name in errors: its control fields, and its
 * files into tree files (data may be NULL). Maintainer scripts are not even looked at. spool_dir:
 * for the bytes of control files.
 */
int deb_read(int fd, const char *name, const char *spool_dir, struct deb_info *info,
	struct tree *data, struct werr **err);

/* The fields of a control file's first paragraph. */
int deb_parse_control(const char *name, const char *text, struct deb_info *ret, struct werr **err);

#endif
