/* SPDX-License-Identifier: Apache-2.0 */
/* YAML 1.1 as libyaml reads it, to nodes. */
#ifndef WHERRY_DATA_YAML_H
#define WHERRY_DATA_YAML_H

#include "data/node.h"

enum { YAML_SIZE_MAX = 16 << 20, YAML_DEPTH_MAX = 64, YAML_NODES_MAX = 1 << 20 };

/*
 * Parse size bytes of text, one document, named name in errors. Anchors, aliases and merge keys ("<<") are resolved
 * (the result is a tree; what aliases expand to counts against YAML_NODES_MAX). Refused with line and column: bad
 * syntax, duplicate keys, keys that are no scalars, a second document, NUL bytes, and what passes the limits above.
 * An empty document has a root of kind NODE_NULL.
 */
int yaml_parse(
	const char *name, const char *text, size_t size, struct document **ret, struct werr **err);

#endif
