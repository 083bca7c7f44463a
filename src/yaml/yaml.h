/* SPDX-License-Identifier: Apache-2.0 */
/* YAML 1.1 as libyaml reads it, to nodes. */
#ifndef WHERRY_YAML_YAML_H
#define WHERRY_YAML_YAML_H

#include "data/node.h"

enum { YAML_SIZE_MAX = 16 << 20, YAML_DEPTH_MAX = 64, YAML_NODES_MAX = 1 << 19 };

/*
 * Parse size bytes of text, named name in errors. Only the first document is read, as with
 * LinuxKit; ret->ignored_line says where others begin. Anchors, aliases and merge keys ("<<") are
 * resolved: an alias is the anchor's node again, with the anchor's place, and its expansion counts
 * against YAML_NODES_MAX, so that a walk over the tree is bounded. A binary scalar (!!binary) is
 * decoded. Refused with line and column: bad syntax, duplicate keys, keys that are not text, tags
 * of other types, and what exceeds the limits above. An empty document has a root of kind
 * NODE_NULL; its line is 0 when there is no document at all.
 */
int yaml_parse(
	const char *name, const char *text, size_t size, struct document **ret, struct werr **err);
/*
 * The same, but going on after mistakes that leave the rest clear: a key given twice (the first
 * counts), a key that is not text, an unknown tag (as if there were none), a wrong merge key or
 * !!binary (as if it were not there). They are added to *mistakes, also when it fails for another
 * reason.
 */
int yaml_read(const char *name, const char *text, size_t size, struct document **ret,
	struct werr **mistakes, struct werr **err);

#endif
