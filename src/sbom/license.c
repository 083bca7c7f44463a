/* SPDX-License-Identifier: Apache-2.0 */
#include "sbom/license.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/mem.h"
#include "hash/sha256.h"

enum { EXPRESSION_MAX = 64 << 10, REFERENCE_NAME_MAX = 40, REFERENCE_DIGITS = 8 };

void license_cleanup(struct license *l)
{
	free(l->expression);
	strv_clear(&l->ids);
	strv_clear(&l->texts);
	*l = (struct license){0};
}

/* ---- one statement ---- */

struct parser {
	const char *word; /* where the current word begins */
	size_t size;      /* 0: the end */
	struct buf *out;
	bool is_compound;
};

static void next(struct parser *p)
{
	p->word += p->size;
	p->word += strspn(p->word, " \t");
	p->size = *p->word && strchr("()", *p->word) ? 1 : strcspn(p->word, " \t()");
}

static bool is_word(const struct parser *p, const char *word)
{
	return p->size == strlen(word) && strncasecmp(p->word, word, p->size) == 0;
}

static bool take_name(struct parser *p, bool exception)
{
	const char *id = p->size ? license_find(p->word, p->size, exception) : NULL;

	if (!id)
		return false;
	buf_puts(p->out, id);
	next(p);
	return true;
}

static bool take_expression(struct parser *p, unsigned depth);

static bool take_term(struct parser *p, unsigned depth)
{
	if (is_word(p, "(")) {
		buf_putc(p->out, '(');
		next(p);
		if (!take_expression(p, depth + 1) || !is_word(p, ")"))
			return false;
		buf_putc(p->out, ')');
		next(p);
		return true;
	}
	if (!take_name(p, false))
		return false;
	if (!is_word(p, "with"))
		return true;
	buf_puts(p->out, " WITH ");
	next(p);
	return take_name(p, true);
}

static bool take_expression(struct parser *p, unsigned depth)
{
	static const char *const operators[] = {"AND", "OR"};
	const char *found;

	if (depth > LICENSE_NESTING_MAX)
		return false;
	do {
		if (!take_term(p, depth))
			return false;
		found = NULL;
		for (size_t i = 0; i < ARRAY_SIZE(operators); i++)
			if (is_word(p, operators[i]))
				found = operators[i];
		if (found) {
			p->is_compound |= depth == 0;
			buf_putc(p->out, ' ');
			buf_puts(p->out, found);
			buf_putc(p->out, ' ');
			next(p);
		}
	} while (found);
	return true;
}

/* The whole statement as an expression; NULL: it is none. Owned by the caller. */
static char *parse(const char *statement, bool *ret_compound)
{
	CLEANUP(buf) struct buf out = BUF_INIT(EXPRESSION_MAX);
	struct parser p = {.word = statement, .out = &out};

	next(&p);
	if (!take_expression(&p, 0) || p.size || buf_error(&out) < 0)
		return NULL;
	*ret_compound = p.is_compound;
	return buf_steal(&out);
}

/* ---- all ---- */

/* Letters, digits, '-' and '.'; the digest tells those apart that look the same so. */
static char *make_reference(const char *text)
{
	CLEANUP(sha256) struct sha256 *h = sha256_new();
	char name[REFERENCE_NAME_MAX + 1] = "", hex[SHA256_HEX + 1];
	size_t n = 0;

	for (const char *c = text; *c && n < REFERENCE_NAME_MAX; c++)
		if (strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.", *c))
			name[n++] = *c;
		else if (n && name[n - 1] != '-')
			name[n++] = '-';
	sha256_add(h, text, strlen(text));
	sha256_hex(h, hex);
	return str_printf("LicenseRef-%s-%.*s", n ? name : "text", REFERENCE_DIGITS, hex);
}

static void add_statement(const char *statement, bool is_only, struct buf *out, struct license *ret)
{
	bool compound = false;
	CLEANUP(free) char *expression = parse(statement, &compound);

	if (out->len)
		buf_puts(out, " AND ");
	if (!expression) {
		CLEANUP(free) char *id = make_reference(statement);

		buf_puts(out, id);
		strv_add(&ret->ids, id);
		strv_add(&ret->texts, statement);
	} else {
		buf_printf(out, compound && !is_only ? "(%s)" : "%s", expression);
	}
}

void license_convert(const char *statements, struct license *ret)
{
	CLEANUP(buf) struct buf out = BUF_INIT(EXPRESSION_MAX);
	CLEANUP(strv) struct strv lines = {0};
	struct license l = {0};
	const char *line;

	if (*statements)
		strv_split(&lines, statements, '\n');
	STRV_FOREACH (line, &lines)
		if (*line)
			add_statement(line, lines.n == 1, &out, &l);
	if (out.len && buf_error(&out) == 0)
		l.expression = buf_steal(&out);
	*ret = l;
}
