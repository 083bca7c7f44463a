/* SPDX-License-Identifier: Apache-2.0 */
/* The packages that an image was made from, so that an SBOM can be written from the image alone. */
#ifndef WHERRY_PKG_RECORD_H
#define WHERRY_PKG_RECORD_H

#include "oci/image-config.h"
#include "pkg/package-tree.h"

/*
 * The label with a JSON list of {name, version, architecture, source, sourceVersion} of each
 * package that files in the image are from; those that only the build step had also have `step`,
 * true: what it made is made from them.
 */
#define RECORD_LABEL IMAGE_LABEL_PACKAGES

/* The label with the packages in the root of the build step: "NAME=VERSION NAME=VERSION...". */
#define RECORD_INSIDE_LABEL "dev.wherry.build-packages"

struct records {
	struct deb_info *items;
	size_t n, cap;
};
void records_cleanup(struct records *r);

void records_add(struct records *r, const struct deb_info *info); /* copies */
/* Add the packages of the tree that files were taken from. */
void records_add_used(struct records *r, const struct package_tree *t);
/* Sort, and remove duplicates. */
void records_sort(struct records *r);
/* Remove what others has as well; both are sorted. */
void records_remove(struct records *r, const struct records *others);
/* The text for RECORD_LABEL: of packages whose files are in the image, and of the build step's. */
int records_json(const struct records *in_image, const struct records *of_step, char **ret,
	struct werr **err);

/* The text for RECORD_INSIDE_LABEL; owned by the caller. */
char *records_text(const struct records *r);

/*
 * Read and write a file with a line for each record, which is kept with the result of a build step.
 */
int records_save(const struct records *r, const char *path, struct werr **err);
int records_parse(struct records *r, const char *name, const char *text, struct werr **err);
int records_load(struct records *r, const char *path, struct werr **err);

#endif
