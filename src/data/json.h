/* SPDX-License-Identifier: Apache-2.0 */
/* JSON (RFC 8259): a strict reader, to nodes; and a writer. */
#ifndef WHERRY_DATA_JSON_H
#define WHERRY_DATA_JSON_H

#include "base/buf.h"
#include "base/str.h"
#include "data/node.h"

enum { JSON_SIZE_MAX_DEFAULT = 16 << 20, JSON_NESTING_MAX = 64, JSON_VALUES_MAX = 1 << 18 };
/* What was read can be written again, in something around it. */
enum { JSON_WRITER_NESTING_MAX = 2 * JSON_NESTING_MAX };

/*
 * Parse size bytes of text, named name in errors. Numbers, true and false become plain scalars,
 * strings quoted ones. Refused: bad syntax, duplicate keys, bytes after the value, NUL in strings,
 * invalid UTF-8, nesting beyond JSON_NESTING_MAX, more than JSON_VALUES_MAX values. Errors have a
 * line and a column. Numbers keep their text, however large.
 */
int json_parse(
	const char *name, const char *text, size_t size, struct document **ret, struct werr **err);

/*
 * The writer appends to a buf (whose maximum bounds it). It adds commas, quotes and escapes; keys
 * are written in the order in which they are given, so the same calls give the same bytes. Mistakes
 * in the order of calls abort.
 */
struct json_writer {
	struct buf *out;
	unsigned indent; /* spaces for each level; 0: all on one line */
	bool shown;      /* on a terminal, perhaps: what utf8_steers() is written as an escape */
	unsigned depth;
	bool after_key, first[JSON_WRITER_NESTING_MAX + 1];
};
#define JSON_WRITER(out_, indent_) \
	((struct json_writer){.out = (out_), .indent = (indent_), .first[0] = true})
/* All on one line, and safe to show. */
#define JSON_WRITER_SHOWN(out_) \
	((struct json_writer){.out = (out_), .shown = true, .first[0] = true})

void json_open_object(struct json_writer *w);
void json_close_object(struct json_writer *w);
void json_open_array(struct json_writer *w);
void json_close_array(struct json_writer *w);
void json_key(struct json_writer *w, const char *key);
/* Bytes that are not UTF-8 become U+FFFD. */
void json_string(struct json_writer *w, const char *s);
void json_u64(struct json_writer *w, uint64_t v);
void json_i64(struct json_writer *w, int64_t v);
void json_bool(struct json_writer *w, bool v);
void json_null(struct json_writer *w);
/* An array of strings. */
void json_strings(struct json_writer *w, const struct strv *v);
/* A key with a value. The _opt forms write nothing when s is NULL or "", or v empty. */
void json_key_string(struct json_writer *w, const char *key, const char *s);
void json_key_string_opt(struct json_writer *w, const char *key, const char *s);
void json_key_u64(struct json_writer *w, const char *key, uint64_t v);
void json_key_i64(struct json_writer *w, const char *key, int64_t v);
void json_key_bool(struct json_writer *w, const char *key, bool v);
void json_key_strings(struct json_writer *w, const char *key, const struct strv *v);
void json_key_strings_opt(struct json_writer *w, const char *key, const struct strv *v);
/* A node as JSON: plain scalars that are numbers, booleans or null as such, others as strings. */
void json_node(struct json_writer *w, const struct node *n);

#endif
