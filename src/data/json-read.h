/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of the JSON reader share. */
#ifndef WHERRY_DATA_JSON_READ_H
#define WHERRY_DATA_JSON_READ_H

#include "base/buf.h"
#include "data/document.h"

struct json_reader {
	const char *text;
	size_t size, offset;
	/* The place of the byte at `seen`, which follows offset on demand. */
	size_t seen;
	unsigned line, column;
	size_t values;
	struct document *document;
	struct buf string; /* the one that is read now, with its escapes resolved */
};

/* An error at offset, which is not before an earlier one. -EINVAL. */
int json_read_error(struct json_reader *r, struct werr **err, const char *fmt, ...)
	ATTR_PRINTF(3, 4);
/* Brings line and column up to offset. */
void json_read_place(struct json_reader *r);

/* A string; offset is on its first quote, and after its last one on return. */
int json_read_string(struct json_reader *r, struct node **ret, struct werr **err);
/* A number (RFC 8259 section 6), with its text as it is written. */
int json_read_number(struct json_reader *r, struct node **ret, struct werr **err);
/* Moves offset past a number; false when there is no complete one. */
bool json_skip_number(struct json_reader *r);

#endif
