/* SPDX-License-Identifier: Apache-2.0 */
/* Typed fields of a JSON object; private to src/oci. Outputs belong to the document unless they are
 * copies. */
#ifndef WHERRY_OCI_MAP_FIELDS_H
#define WHERRY_OCI_MAP_FIELDS_H

#include "base/str.h"
#include "data/node.h"
#include "oci/manifest.h"

/* A missing or null field gives NULL; one of another kind is WERR_INVALID. */
int field_text(const struct node *map, const char *key, const char **ret, struct werr **err);
int field_node(const struct node *map, const char *key, enum node_kind kind,
	const struct node **ret, struct werr **err);
/* The same, but as copies, which the caller frees, also after an error. */
int field_copy(const struct node *map, const char *key, char **ret, struct werr **err);
int field_texts(const struct node *map, const char *key, struct strv *ret, struct werr **err);
/* The keys of a map, whatever is below them. */
int field_keys(const struct node *map, const char *key, struct strv *ret, struct werr **err);
int field_annotations(const struct node *map, const char *key, struct annotation **ret,
	size_t *ret_n, struct werr **err);
/* Read os, architecture and variant, normalized; the first two are required. */
int field_platform(const struct node *map, struct platform *ret, struct werr **err);

#endif
