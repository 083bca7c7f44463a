/* SPDX-License-Identifier: Apache-2.0 */
/* plaintext: what little of XML (XML 1.0, fifth edition) a metadata service needs. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/utf8.h"
#include "metadata/plaintext.h"

enum { TEXT_MAX = 1 << 20, ENTITY_MAX = 10 };
static const char cdata[] = "<![CDATA[";

struct cursor {
	const char *p, *end;
};

static bool begins_with(const struct cursor *c, const char *text)
{
	size_t n = strlen(text);

	return (size_t)(c->end - c->p) >= n && memcmp(c->p, text, n) == 0;
}

/* Go to what follows the first place of a text; false: there is none. */
static bool skip_past(struct cursor *c, const char *text)
{
	const char *at = memmem(c->p, (size_t)(c->end - c->p), text, strlen(text));

	if (at)
		c->p = at + strlen(text);
	return at;
}

/* A tag's end; *empty: it is that of its element as well. Quotes may have a '>' inside. */
static bool skip_tag(struct cursor *c, bool *empty)
{
	char quote = 0;

	for (; c->p < c->end; c->p++) {
		if (quote) {
			quote = *c->p == quote ? 0 : quote;
		} else if (*c->p == '"' || *c->p == '\'') {
			quote = *c->p;
		} else if (*c->p == '>') {
			*empty = c->p[-1] == '/';
			c->p++;
			return true;
		}
	}
	return false;
}

static bool is_named(const struct cursor *c, const char *element)
{
	const char *p = c->p + 1, *name = p;

	for (; p < c->end && !strchr(" \t\r\n/>", *p); p++)
		if (*p == ':')
			name = p + 1;
	return (size_t)(p - name) == strlen(element) &&
	       memcmp(name, element, (size_t)(p - name)) == 0;
}

static bool add_code_point(const char *digits, struct buf *out)
{
	int base = *digits == 'x' ? 16 : 10;
	uint64_t n;

	if (str_to_u64(digits + (base == 16), base, &n) < 0 || n == 0 || n > 0x10ffff ||
		(n >= 0xd800 && n < 0xe000))
		return false;
	if (n < 0x80) {
		buf_putc(out, (char)n);
		return true;
	}
	if (n >= 0x10000) {
		buf_putc(out, (char)(0xf0 | n >> 18));
		buf_putc(out, (char)(0x80 | (n >> 12 & 0x3f)));
	} else if (n >= 0x800) {
		buf_putc(out, (char)(0xe0 | n >> 12));
	}
	buf_putc(out, (char)(n >= 0x800 ? 0x80 | (n >> 6 & 0x3f) : 0xc0 | n >> 6));
	buf_putc(out, (char)(0x80 | (n & 0x3f)));
	return true;
}

static bool add_entity(struct cursor *c, struct buf *out)
{
	static const struct {
		const char *text;
		char c;
	} known[] = {{"lt", '<'}, {"gt", '>'}, {"amp", '&'}, {"quot", '"'}, {"apos", '\''}};
	const char *end = memchr(c->p, ';', (size_t)(c->end - c->p));
	char name[ENTITY_MAX + 1];

	if (!end || end - c->p - 1 > ENTITY_MAX)
		return false;
	memcpy(name, c->p + 1, (size_t)(end - c->p - 1));
	name[end - c->p - 1] = 0;
	c->p = end + 1;
	if (name[0] == '#')
		return add_code_point(name + 1, out);
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (str_eq(known[i].text, name)) {
			buf_putc(out, known[i].c);
			return true;
		}
	return false;
}

/* From behind an element's first tag to its last one. */
static char *take_text(struct cursor *c)
{
	CLEANUP(buf) struct buf out = BUF_INIT(TEXT_MAX);

	while (c->p < c->end && !begins_with(c, "</")) {
		const char *start = c->p;

		if (begins_with(c, cdata)) {
			start += strlen(cdata);
			if (!skip_past(c, "]]>"))
				return NULL;
			buf_add(&out, start, (size_t)(c->p - 3 - start));
		} else if (begins_with(c, "<!--")) {
			if (!skip_past(c, "-->"))
				return NULL;
		} else if (*c->p == '<' || !*c->p) {
			return NULL;
		} else if (*c->p == '&') {
			if (!add_entity(c, &out))
				return NULL;
		} else {
			buf_putc(&out, *c->p++);
		}
	}
	return c->p < c->end && buf_error(&out) == 0 && !memchr(buf_str(&out), 0, out.len)
		       ? buf_steal(&out)
		       : NULL;
}

char *plaintext_xml(const char *text, size_t size, const char *element)
{
	struct cursor c = {text, text + size};
	bool empty = false;

	while (c.p < c.end) {
		const char *tag = memchr(c.p, '<', (size_t)(c.end - c.p));
		bool found, done;

		if (!tag)
			return NULL;
		c.p = tag;
		found = is_named(&c, element);
		if (begins_with(&c, "<!--"))
			done = skip_past(&c, "-->");
		else if (begins_with(&c, cdata))
			done = skip_past(&c, "]]>");
		else if (begins_with(&c, "<?"))
			done = skip_past(&c, "?>");
		else if (begins_with(&c, "<!"))
			return NULL; /* a document type, which can define entities */
		else
			done = skip_tag(&c, &empty);
		if (!done)
			return NULL;
		if (found)
			return empty ? str_dup("") : take_text(&c);
	}
	return NULL;
}
