/* SPDX-License-Identifier: Apache-2.0 */
/* The section `depends` of a build.yml: images that are files of a Dockerfile's context. */
#ifndef WHERRY_PKG_YML_DEPENDS_H
#define WHERRY_PKG_YML_DEPENDS_H

#include "pkg/yml-fields.h"

/* docker-images. The paths are those of path_inside, in the package's directory. */
struct pkg_depends {
	struct strv list;          /* images, each with a digest */
	char *from_file;           /* or a file with a line for each */
	char *target, *target_dir; /* one archive of all, or a directory with one of each */
	const struct node *node;   /* NULL: there is no such section */
};
void pkg_depends_cleanup(struct pkg_depends *d);

extern const struct yml_map yml_depends_map;
/* A reader of the section into a struct pkg_depends. */
void yml_depends(struct yml_context *c, const char *key, const struct node *n, void *dst);

#endif
