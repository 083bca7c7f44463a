/* SPDX-License-Identifier: Apache-2.0 */
/* JSON's strings (RFC 8259 section 7) and numbers (section 6). */
#include <string.h>

#include "base/str.h"
#include "data/json-read.h"
#include "base/utf8.h"

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The four digits of \uXXXX; offset is on the backslash, and after the digits on return. */
static bool read_unit(struct json_reader *r, unsigned *ret)
{
	unsigned unit = 0;

	if (r->size - r->offset < 6 || memcmp(r->text + r->offset, "\\u", 2) != 0)
		return false;
	for (size_t i = 2; i < 6; i++) {
		int value = hex_value(r->text[r->offset + i]);

		if (value < 0)
			return false;
		unit = unit << 4 | (unsigned)value;
	}
	r->offset += 6;
	*ret = unit;
	return true;
}

static int read_unicode_escape(struct json_reader *r, struct buf *out, struct werr **err)
{
	unsigned c, low;

	if (!read_unit(r, &c))
		return json_read_error(r, err, "expected four hexadecimal digits after \\u");
	if (c == 0)
		return json_read_error(r, err, "a NUL (\\u0000) in a string");
	if (c >= 0xD800 && c < 0xE000) {
		if (c >= 0xDC00 || !read_unit(r, &low) || low < 0xDC00 || low >= 0xE000)
			return json_read_error(r, err, "half of a surrogate pair in a string");
		c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
	}
	utf8_put(out, c);
	return 0;
}

static int read_escape(struct json_reader *r, struct buf *out, struct werr **err)
{
	static const char names[] = "\"\\/bfnrt";
	static const char values[] = "\"\\/\b\f\n\r\t";
	char c = r->size - r->offset > 1 ? r->text[r->offset + 1] : '\0';
	const char *found = c ? strchr(names, c) : NULL;

	if (c == 'u')
		return read_unicode_escape(r, out, err);
	if (!found)
		return json_read_error(r, err, "unknown escape in a string");
	buf_putc(out, values[found - names]);
	r->offset += 2;
	return 0;
}

/* The number of ASCII bytes that are not escaped. */
static size_t plain_size(const char *s, size_t size)
{
	size_t n = 0;

	while (n < size && s[n] >= ' ' && s[n] < 0x7F && s[n] != '"' && s[n] != '\\')
		n++;
	return n;
}

static int read_string_part(struct json_reader *r, struct buf *out, struct werr **err)
{
	const char *s = r->text + r->offset;
	size_t n = plain_size(s, r->size - r->offset);

	if (n > 0) {
		buf_add(out, s, n);
		r->offset += n;
		return 0;
	}
	if (*s == '\\')
		return read_escape(r, out, err);
	if ((unsigned char)*s < 0x20)
		return json_read_error(r, err, "a control character in a string");
	n = utf8_size(s, r->size - r->offset);
	if (n == 0)
		return json_read_error(r, err, "the text is not UTF-8 here");
	buf_add(out, s, n);
	r->offset += n;
	return 0;
}

int json_read_string(struct json_reader *r, struct node **ret, struct werr **err)
{
	struct buf *out = &r->string;
	unsigned line, column;

	buf_truncate(out, 0);
	json_read_place(r);
	line = r->line;
	column = r->column;
	r->offset++;
	while (r->offset < r->size && r->text[r->offset] != '"') {
		int result = read_string_part(r, out, err);

		if (result < 0)
			return result;
	}
	if (r->offset == r->size)
		return json_read_error(r, err, "the text ends inside a string");
	r->offset++;
	*ret = document_scalar(r->document, line, column, buf_str(out), out->len, true);
	return 0;
}

static size_t skip_digits(struct json_reader *r)
{
	size_t start = r->offset;

	while (r->offset < r->size && r->text[r->offset] >= '0' && r->text[r->offset] <= '9')
		r->offset++;
	return r->offset - start;
}

static bool skip_one_of(struct json_reader *r, const char *set)
{
	char c = r->offset < r->size ? r->text[r->offset] : '\0';

	if (!c || !strchr(set, c))
		return false;
	r->offset++;
	return true;
}

bool json_skip_number(struct json_reader *r)
{
	bool zero;

	skip_one_of(r, "-");
	zero = r->offset < r->size && r->text[r->offset] == '0';
	if (zero)
		r->offset++;
	else if (skip_digits(r) == 0)
		return false;
	if (skip_one_of(r, ".") && skip_digits(r) == 0)
		return false;
	if (!skip_one_of(r, "eE"))
		return true;
	skip_one_of(r, "+-");
	return skip_digits(r) > 0;
}

int json_read_number(struct json_reader *r, struct node **ret, struct werr **err)
{
	size_t start = r->offset;

	json_read_place(r);
	if (!json_skip_number(r))
		return json_read_error(r, err, "a number that is not finished");
	*ret = document_scalar(
		r->document, r->line, r->column, r->text + start, r->offset - start, false);
	return 0;
}
