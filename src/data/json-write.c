/* SPDX-License-Identifier: Apache-2.0 */
/* Writing JSON, with or without indentation. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "data/json-read.h"
#include "data/json.h"
#include "base/utf8.h"

static void new_line(struct json_writer *w)
{
	if (w->indent == 0)
		return;
	buf_putc(w->out, '\n');
	buf_fill(w->out, ' ', (size_t)w->indent * w->depth);
}

/* What precedes a value or a key: a comma, a line break. */
static void begin_item(struct json_writer *w)
{
	if (w->after_key) {
		w->after_key = false;
		return;
	}
	if (w->depth == 0)
		return;
	if (!w->first[w->depth])
		buf_putc(w->out, ',');
	w->first[w->depth] = false;
	new_line(w);
}

static void open_level(struct json_writer *w, char bracket)
{
	begin_item(w);
	if (w->depth + 1 >= ARRAY_SIZE(w->first))
		abort();
	w->depth++;
	w->first[w->depth] = true;
	buf_putc(w->out, bracket);
}

static void close_level(struct json_writer *w, char bracket)
{
	bool empty;

	if (w->depth == 0 || w->after_key)
		abort();
	empty = w->first[w->depth--];
	if (!empty)
		new_line(w);
	buf_putc(w->out, bracket);
}

void json_open_object(struct json_writer *w)
{
	open_level(w, '{');
}

void json_close_object(struct json_writer *w)
{
	close_level(w, '}');
}

void json_open_array(struct json_writer *w)
{
	open_level(w, '[');
}

void json_close_array(struct json_writer *w)
{
	close_level(w, ']');
}

static void write_char(struct buf *out, unsigned char c)
{
	static const char names[] = {
		'"', '"', '\\', '\\', '\b', 'b', '\f', 'f', '\n', 'n', '\r', 'r', '\t', 't'};

	for (size_t i = 0; i < sizeof(names); i += 2) {
		if (c != (unsigned char)names[i])
			continue;
		buf_putc(out, '\\');
		buf_putc(out, names[i + 1]);
		return;
	}
	if (c < 0x20 || c == 0x7F)
		buf_printf(out, "\\u%04x", c);
	else
		buf_putc(out, (char)c);
}

/* RFC 8259, section 7: beyond U+FFFF as a surrogate pair. */
static void write_escape(struct buf *out, uint32_t point)
{
	if (point <= 0xFFFF)
		buf_printf(out, "\\u%04x", (unsigned)point);
	else
		buf_printf(out, "\\u%04x\\u%04x", (unsigned)(0xD800 + ((point - 0x10000) >> 10)),
			(unsigned)(0xDC00 + ((point - 0x10000) & 0x3FF)));
}

static void write_string(struct json_writer *w, const char *s, size_t size)
{
	buf_putc(w->out, '"');
	while (size > 0) {
		uint32_t point = 0;
		size_t n = utf8_decode(s, size, &point);

		if (n == 1)
			write_char(w->out, (unsigned char)*s);
		else if (n > 1 && w->shown && utf8_steers(point))
			write_escape(w->out, point);
		else if (n > 1)
			buf_add(w->out, s, n);
		else
			buf_puts(w->out, "\xEF\xBF\xBD");
		s += n ? n : 1;
		size -= n ? n : 1;
	}
	buf_putc(w->out, '"');
}

void json_key(struct json_writer *w, const char *key)
{
	if (w->depth == 0 || w->after_key)
		abort();
	begin_item(w);
	write_string(w, key, strlen(key));
	buf_puts(w->out, w->indent ? ": " : ":");
	w->after_key = true;
}

void json_string(struct json_writer *w, const char *s)
{
	begin_item(w);
	write_string(w, s, strlen(s));
}

void json_u64(struct json_writer *w, uint64_t v)
{
	begin_item(w);
	buf_printf(w->out, "%" PRIu64, v);
}

void json_i64(struct json_writer *w, int64_t v)
{
	begin_item(w);
	buf_printf(w->out, "%" PRId64, v);
}

void json_bool(struct json_writer *w, bool v)
{
	begin_item(w);
	buf_puts(w->out, v ? "true" : "false");
}

void json_null(struct json_writer *w)
{
	begin_item(w);
	buf_puts(w->out, "null");
}

void json_strings(struct json_writer *w, const struct strv *v)
{
	const char *s;

	json_open_array(w);
	STRV_FOREACH (s, v)
		json_string(w, s);
	json_close_array(w);
}

void json_key_string(struct json_writer *w, const char *key, const char *s)
{
	json_key(w, key);
	json_string(w, s);
}

void json_key_string_opt(struct json_writer *w, const char *key, const char *s)
{
	if (s && *s)
		json_key_string(w, key, s);
}

void json_key_u64(struct json_writer *w, const char *key, uint64_t v)
{
	json_key(w, key);
	json_u64(w, v);
}

void json_key_i64(struct json_writer *w, const char *key, int64_t v)
{
	json_key(w, key);
	json_i64(w, v);
}

void json_key_bool(struct json_writer *w, const char *key, bool v)
{
	json_key(w, key);
	json_bool(w, v);
}

void json_key_strings(struct json_writer *w, const char *key, const struct strv *v)
{
	json_key(w, key);
	json_strings(w, v);
}

void json_key_strings_opt(struct json_writer *w, const char *key, const struct strv *v)
{
	if (v->n > 0)
		json_key_strings(w, key, v);
}

/* A fraction, or a number beyond 64 bits. YAML's other spellings of those (.5, .inf) become text.
 */
static bool is_json_number(const struct node *n)
{
	struct json_reader r = {.text = n->text, .size = n->size};

	return !n->quoted && json_skip_number(&r) && r.offset == n->size;
}

static void write_scalar(struct json_writer *w, const struct node *n)
{
	uint64_t u;
	int64_t i;
	bool b;

	if (node_to_bool(n, &b)) {
		json_bool(w, b);
	} else if (node_to_u64(n, &u)) {
		json_u64(w, u);
	} else if (node_to_i64(n, &i)) {
		json_i64(w, i);
	} else {
		begin_item(w);
		if (is_json_number(n))
			buf_add(w->out, n->text, n->size);
		else
			write_string(w, n->text, n->size);
	}
}

void json_node(struct json_writer *w, const struct node *n)
{
	switch (n->kind) {
	case NODE_NULL:
		json_null(w);
		break;
	case NODE_SCALAR:
		write_scalar(w, n);
		break;
	case NODE_LIST:
		json_open_array(w);
		for (size_t i = 0; i < n->n; i++)
			json_node(w, n->items[i]);
		json_close_array(w);
		break;
	case NODE_MAP:
		json_open_object(w);
		for (size_t i = 0; i < n->n; i++) {
			json_key(w, n->keys[i]->text);
			json_node(w, n->items[i]);
		}
		json_close_object(w);
		break;
	}
}
