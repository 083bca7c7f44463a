/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keys of build.yml that say how a package's files are made: extra-sources, build and debian.
 * Readers for tables of struct yml_field; mistakes go to yml_error().
 */
#ifndef WHERRY_PKG_YML_BUILD_H
#define WHERRY_PKG_YML_BUILD_H

#include "pkg/yml-fields.h"

extern const struct yml_map yml_build_map, yml_debian_map;

/* dst: struct pkg_yml. Sources are resolved against the context's directory. */
void yml_extras(struct yml_context *c, const char *key, const struct node *n, void *dst);
void yml_build(struct yml_context *c, const char *key, const struct node *n, void *dst);
/* dst: struct pkg_debian. */
void yml_debian(struct yml_context *c, const char *key, const struct node *n, void *dst);

#endif
