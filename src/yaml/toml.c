/* SPDX-License-Identifier: Apache-2.0 */
#include "yaml/toml.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/utf8.h"

#define ALNUM "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

struct reader_state {
	const char *name;
	const char *at; /* ends with the only NUL */
	unsigned line;
};

static int skip_value(struct reader_state *s, unsigned depth, struct werr **err);

static int broken(const struct reader_state *s, const char *what, struct werr **err)
{
	return werr_set(err, WERR_INVALID, "%s:%u: %s", s->name, s->line, what);
}

static void skip_spaces(struct reader_state *s)
{
	s->at += strspn(s->at, " \t");
}

static void skip_comment(struct reader_state *s)
{
	if (*s->at == '#')
		s->at += strcspn(s->at, "\n");
}

/* White space, comments and line ends. */
static void skip_lines(struct reader_state *s)
{
	for (;;) {
		skip_spaces(s);
		skip_comment(s);
		if (s->at[0] == '\r' && s->at[1] == '\n')
			s->at++;
		if (*s->at != '\n')
			return;
		s->at++;
		s->line++;
	}
}

/* After a header or a value only a comment may follow. */
static int end_line(struct reader_state *s, struct werr **err)
{
	skip_spaces(s);
	skip_comment(s);
	if (s->at[0] == '\r' && s->at[1] == '\n')
		s->at++;
	return *s->at && *s->at != '\n'
		       ? broken(s, "there is more on the line than one setting", err)
		       : 0;
}

/* ---- strings ---- */

/* "\u00e4", "\U0001F600"; digits: their number. */
static int take_code(struct reader_state *s, unsigned digits, struct buf *out, struct werr **err)
{
	CLEANUP(free) char *hex = str_dup_n(s->at, strnlen(s->at, digits));
	uint64_t code;

	if (strspn(hex, "0123456789abcdefABCDEF") != digits || str_to_u64(hex, 16, &code) < 0 ||
		code == 0 || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF))
		return broken(s, "an escape in a string makes no sense", err);
	utf8_put(out, (uint32_t)code);
	s->at += digits;
	return 0;
}

static int take_escape(struct reader_state *s, struct buf *out, struct werr **err)
{
	static const char letters[] = "b\bt\tn\nf\fr\r\"\"\\\\";
	char c = *s->at++;

	if (c == 'u' || c == 'U')
		return take_code(s, c == 'u' ? 4 : 8, out, err);
	for (size_t i = 0; c && letters[i]; i += 2)
		if (letters[i] == c) {
			buf_putc(out, letters[i + 1]);
			return 0;
		}
	s->at--;
	return broken(s, "an escape in a string makes no sense", err);
}

/* "basic" or 'literal'; at its first quote. */
static int take_string(struct reader_state *s, struct buf *out, struct werr **err)
{
	char quote = *s->at++;

	if (s->at[0] == quote && s->at[1] == quote)
		return broken(s, "strings of several lines are not supported", err);
	while (*s->at != quote) {
		unsigned char c = (unsigned char)*s->at;
		int r = 0;

		if (c == 0x7f || (c < ' ' && c != '\t'))
			return broken(s, "a string does not end on its line", err);
		s->at++;
		if (c == '\\' && quote == '"')
			r = take_escape(s, out, err);
		else
			buf_putc(out, (char)c);
		if (r < 0)
			return r;
	}
	s->at++;
	return 0;
}

static bool is_text(const char *s, size_t size)
{
	while (size > 0) {
		size_t n = utf8_size(s, size);

		if (n == 0 || !*s)
			return false;
		s += n;
		size -= n;
	}
	return true;
}

/* ---- keys ---- */

/* a."b c".d */
static int take_key(struct reader_state *s, struct buf *out, struct werr **err)
{
	for (;;) {
		size_t n = strspn(s->at, ALNUM "_-");
		int r = 0;

		if (*s->at == '"' || *s->at == '\'')
			r = take_string(s, out, err);
		else if (n == 0)
			r = broken(s, "a key is missing", err);
		if (r < 0)
			return r;
		buf_add(out, s->at, n);
		s->at += n;
		skip_spaces(s);
		if (*s->at != '.')
			return 0;
		buf_putc(out, '.');
		s->at++;
		skip_spaces(s);
	}
}

/* ---- values ---- */

static int take_word(
	struct reader_state *s, struct toml_item *item, struct buf *out, struct werr **err)
{
	size_t n = strspn(s->at, ALNUM "+-_.:");

	if (n == 0)
		return broken(s, "a value is missing", err);
	buf_add(out, s->at, n);
	s->at += n;
	/* A date may be followed by its time. */
	if (*s->at == ' ' && n == 10 && s->at[-3] == '-' && strspn(s->at + 1, "0123456789") == 2) {
		n = strspn(s->at + 1, ALNUM "+-:.") + 1;
		buf_add(out, s->at, n);
		s->at += n;
	}
	item->kind = TOML_OTHER;
	if (str_eq(buf_str(out), "true") || str_eq(buf_str(out), "false"))
		item->kind = TOML_BOOL;
	else if (!strchr("+-0123456789in", *buf_str(out)))
		return broken(s, "a value is neither a string, a number, true nor false", err);
	return 0;
}

static int skip_array(struct reader_state *s, unsigned depth, struct werr **err)
{
	s->at++;
	for (;;) {
		int r;

		skip_lines(s);
		if (*s->at == ']')
			break;
		r = skip_value(s, depth + 1, err);
		if (r < 0)
			return r;
		skip_lines(s);
		if (*s->at == ',')
			s->at++;
		else if (*s->at != ']')
			return broken(s, "a list does not end", err);
	}
	s->at++;
	return 0;
}

static int skip_inline_table(struct reader_state *s, unsigned depth, struct werr **err)
{
	s->at++;
	skip_spaces(s);
	while (*s->at != '}') {
		CLEANUP(buf) struct buf key = BUF_INIT(TOML_SIZE_MAX);
		int r = take_key(s, &key, err);

		if (r == 0 && *s->at != '=')
			r = broken(s, "a key has no value", err);
		if (r == 0) {
			s->at++;
			skip_spaces(s);
			r = skip_value(s, depth + 1, err);
		}
		if (r < 0)
			return r;
		skip_spaces(s);
		if (*s->at == ',')
			s->at++;
		else if (*s->at != '}')
			return broken(s, "a table in braces does not end on its line", err);
		skip_spaces(s);
	}
	s->at++;
	return 0;
}

static int take_value(struct reader_state *s, unsigned depth, struct toml_item *item,
	struct buf *out, struct werr **err)
{
	item->kind = TOML_GROUP;
	if (depth > TOML_NESTING_MAX)
		return werr_set(err, WERR_LIMIT, "%s:%u: nested deeper than %d", s->name, s->line,
			TOML_NESTING_MAX);
	switch (*s->at) {
	case '[':
		return skip_array(s, depth, err);
	case '{':
		return skip_inline_table(s, depth, err);
	case '"':
	case '\'':
		item->kind = TOML_STRING;
		return take_string(s, out, err);
	default:
		return take_word(s, item, out, err);
	}
}

static int skip_value(struct reader_state *s, unsigned depth, struct werr **err)
{
	CLEANUP(buf) struct buf text = BUF_INIT(TOML_SIZE_MAX);
	struct toml_item item = {0};

	return take_value(s, depth, &item, &text, err);
}

/* ---- lines ---- */

static int take_header(
	struct reader_state *s, struct toml_item *item, struct buf *key, struct werr **err)
{
	bool entry = s->at[1] == '[';
	int r;

	item->kind = entry ? TOML_ENTRY : TOML_TABLE;
	s->at += entry ? 2 : 1;
	skip_spaces(s);
	r = take_key(s, key, err);
	if (r < 0)
		return r;
	if (*s->at != ']' || (entry && s->at[1] != ']'))
		return broken(s, "a table's name does not end", err);
	s->at += entry ? 2 : 1;
	return 0;
}

static int take_setting(struct reader_state *s, struct toml_item *item, struct buf *key,
	struct buf *text, struct werr **err)
{
	int r = take_key(s, key, err);

	if (r < 0)
		return r;
	if (*s->at != '=')
		return broken(s, "a key has no value", err);
	s->at++;
	skip_spaces(s);
	return take_value(s, 1, item, text, err);
}

static int take_line(struct reader_state *s, toml_visit *visit, void *ctx, struct werr **err)
{
	CLEANUP(buf) struct buf key = BUF_INIT(TOML_SIZE_MAX);
	CLEANUP(buf) struct buf text = BUF_INIT(TOML_SIZE_MAX);
	struct toml_item item = {.line = s->line};
	int r = *s->at == '[' ? take_header(s, &item, &key, err)
			      : take_setting(s, &item, &key, &text, err);

	if (r == 0)
		r = end_line(s, err);
	if (r < 0)
		return r;
	item.key = buf_str(&key);
	item.text = buf_str(&text);
	return visit(&item, ctx, err);
}

int toml_parse(const char *name, const char *text, size_t size, toml_visit *visit, void *ctx,
	struct werr **err)
{
	CLEANUP(free) char *copy = NULL;
	struct reader_state s = {.name = name, .line = 1};
	int r = 0;

	if (size > TOML_SIZE_MAX)
		return werr_set(err, WERR_LIMIT, "%s has more than %d bytes", name, TOML_SIZE_MAX);
	if (!is_text(text, size))
		return werr_set(err, WERR_INVALID, "%s is not text", name);
	copy = str_dup_n(text, size);
	/* TOML is UTF-8 without a byte order mark, which some editors write nevertheless. */
	s.at = copy + (str_after(copy, "\xef\xbb\xbf") ? 3 : 0);
	for (skip_lines(&s); r == 0 && *s.at; skip_lines(&s))
		r = take_line(&s, visit, ctx, err);
	return r;
}
