/* SPDX-License-Identifier: Apache-2.0 */
/* plaintext: the YAML that meta-data of NoCloud is written in. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "metadata/plaintext.h"

struct line {
	const char *p;
	size_t size, indent;
};

/* The next line that is neither empty nor a remark; false: there are no more. */
static bool next(const char **at, struct line *ret)
{
	while (**at) {
		const char *p = *at;
		size_t size = strcspn(p, "\n"), indent = strspn(p, " ");

		*at += size + (p[size] == '\n');
		while (size && strchr(" \t\r", p[size - 1]))
			size--;
		if (indent < size && p[indent] != '#' &&
			!(indent == 0 && strncmp(p, "---", 3) == 0)) {
			*ret = (struct line){p + indent, size - indent, indent};
			return true;
		}
	}
	return false;
}

/* A scalar without its quotes or the remark behind it; NULL: it is none that is understood. */
static char *scalar(const char *p, size_t size)
{
	char quote = size ? *p : 0;

	if (quote == '"' || quote == '\'') {
		const char *end = memchr(p + 1, quote, size - 1);

		return end && !memchr(p, '\\', size) ? str_dup_n(p + 1, (size_t)(end - p - 1))
						     : NULL;
	}
	if (!size || strchr("[{&*!|>%@`", quote))
		return NULL;
	for (size_t i = 1; i + 1 < size; i++)
		if (p[i] == ' ' && p[i + 1] == '#')
			size = i;
	while (size && p[size - 1] == ' ')
		size--;
	return str_dup_n(p, size);
}

/* What follows "key:" in a line, without spaces; NULL: the line is not about this key. */
static const char *value_of(const struct line *l, const char *key, size_t *ret_size)
{
	size_t n = strlen(key), at;
	bool quoted = l->size && (*l->p == '"' || *l->p == '\'');

	if (l->size < n + 1 + 2 * quoted || strncmp(l->p + quoted, key, n) != 0)
		return NULL;
	at = n + 2 * quoted;
	if (l->p[at] != ':' || (quoted && l->p[n + 1] != *l->p) ||
		(l->size > at + 1 && l->p[at + 1] != ' '))
		return NULL;
	for (at++; at < l->size && l->p[at] == ' '; at++)
		;
	*ret_size = l->size - at;
	return l->p + at;
}

char *plaintext_yaml(const char *text, const char *key)
{
	struct line l;
	const char *value;
	size_t size;

	while (next(&text, &l)) {
		value = l.indent == 0 ? value_of(&l, key, &size) : NULL;
		if (value)
			return scalar(value, size);
	}
	return NULL;
}

/* "- item", or "name: item" */
static char *item(const struct line *l)
{
	size_t at;

	if (l->size > 2 && l->p[0] == '-' && l->p[1] == ' ')
		at = 2;
	else
		for (at = 0; at < l->size && (l->p[at] != ':' || l->p[at + 1] != ' '); at++)
			;
	for (at += at < l->size && l->p[at] == ':'; at < l->size && l->p[at] == ' '; at++)
		;
	return scalar(l->p + at, l->size - at);
}

void plaintext_yaml_list(const char *text, const char *key, struct buf *lines)
{
	struct line l;
	const char *value = NULL;
	size_t size = 0;

	while (!value && next(&text, &l))
		value = l.indent == 0 ? value_of(&l, key, &size) : NULL;
	if (value && size) {
		CLEANUP(free) char *one = scalar(value, size);

		buf_printf(lines, "%s\n", one ? one : "");
		return;
	}
	while (value && next(&text, &l) && (l.indent || *l.p == '-')) {
		CLEANUP(free) char *one = item(&l);

		if (one)
			buf_printf(lines, "%s\n", one);
	}
}
