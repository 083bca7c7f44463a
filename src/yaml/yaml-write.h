/* SPDX-License-Identifier: Apache-2.0 */
/* Nodes as YAML. */
#ifndef WHERRY_YAML_YAML_WRITE_H
#define WHERRY_YAML_YAML_WRITE_H

#include "base/buf.h"
#include "data/node.h"

/*
 * Appends a document to out, whose maximum bounds it. It reads back the same, also with readers
 * that take words like "yes" or "1:30" for something other than text: those get quotes. Bytes that
 * are not UTF-8 become !!binary. The same nodes give the same bytes. WERR_LIMIT when it is too
 * large.
 */
int yaml_write(const struct node *n, struct buf *out, struct werr **err);

#endif
