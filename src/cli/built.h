/* SPDX-License-Identifier: Apache-2.0 */
/* A finished output, for programs. */
#ifndef WHERRY_CLI_BUILT_H
#define WHERRY_CLI_BUILT_H

#include "base/buf.h"
#include "output/build.h"

/* Append a line with an object. */
void built_add_json(struct buf *out, const struct build_output *o);

#endif
