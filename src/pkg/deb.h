/* SPDX-License-Identifier: Apache-2.0 */
/* A Debian package, deb(5): an ar archive of debian-binary, control.tar.* and data.tar.*. */
#ifndef WHERRY_PKG_DEB_H
#define WHERRY_PKG_DEB_H

#include "tree/tree.h"

enum { DEB_CONTROL_MAX = 1 << 20 };

/* What a package says about itself. */
struct deb_info {
	char *name, *version, *architecture;
	char *source,
		*source_version; /* what it was built from; by default its own name and version */
};
void deb_info_cleanup(struct deb_info *i);

/*
 * Read the package in the file fd (not owned), which errors call name: its control fields, and its
 * files into the tree data (may be NULL). Maintainer scripts are ignored. spool_dir: for the bytes
 * of control files.
 */
int deb_read(int fd, const char *name, const char *spool_dir, struct deb_info *info,
	struct tree *data, struct werr **err);

/* Read the fields of a control file's first paragraph. */
int deb_parse_control(const char *name, const char *text, struct deb_info *ret, struct werr **err);

#endif
