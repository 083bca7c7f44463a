/* SPDX-License-Identifier: Apache-2.0 */
/* What was built, of what, for programs. */
#ifndef WHERRY_CLI_BUILT_H
#define WHERRY_CLI_BUILT_H

#include "base/buf.h"
#include "output/build.h"

/* Append a line with an object. */
void built_add_output(struct buf *out, const struct build_output *o);
void built_add_compressors(struct buf *out); /* print_add_compressors */
void built_add_part(struct buf *out, const struct build_part *p);
/* The table of the parts, for people. */
void built_add_parts(struct buf *out, const struct build_report *r);
void built_add_image(struct buf *out, const struct build_image *i);

#endif
