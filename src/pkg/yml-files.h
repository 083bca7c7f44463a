/* SPDX-License-Identifier: Apache-2.0 */
/* The section `files` of a build.yml. */
#ifndef WHERRY_PKG_YML_FILES_H
#define WHERRY_PKG_YML_FILES_H

#include "pkg/yml-fields.h"

extern const struct yml_map yml_files_map;
/* A reader of the list into a struct pkg_yml. */
void yml_files(struct yml_context *c, const char *key, const struct node *n, void *dst);

#endif
