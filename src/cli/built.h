/* SPDX-License-Identifier: Apache-2.0 */
/* A finished output, for programs. */
#ifndef WHERRY_CLI_BUILT_H
#define WHERRY_CLI_BUILT_H

#include "base/buf.h"
#include "output/build.h"

/* Append a line with an object. A file is read for its sha256; a device or pipe has none. */
int built_add_json(struct buf *out, const struct build_output *o, struct werr **err);

#endif
