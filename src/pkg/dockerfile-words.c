/* SPDX-License-Identifier: Apache-2.0 */
/* Words of a Dockerfile: quotes and variables. */
#include "pkg/dockerfile.h"

#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

enum { WORD_MAX = 4096, DEPTH_MAX = 8 };

struct expansion {
	const struct strv *vars;
	char escape;
	struct buf *to;
	struct werr **err;
};

static int expand(struct expansion *x, const char *word, size_t size, unsigned depth);

static bool is_name(char c, bool first)
{
	return c == '_' || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       (!first && c >= '0' && c <= '9');
}

static size_t name_size(const char *p, size_t size)
{
	size_t n = 0;

	while (n < size && is_name(p[n], n == 0))
		n++;
	return n;
}

const char *dockerfile_variable(const struct strv *vars, const char *name, size_t size)
{
	for (size_t i = vars->n; i-- > 0;)
		if (strncmp(vars->items[i], name, size) == 0 && vars->items[i][size] == '=')
			return vars->items[i] + size + 1;
	return NULL;
}

/* The size up to the brace that closes what p begins in, or `size` when there is none. */
static size_t brace_size(const struct expansion *x, const char *p, size_t size)
{
	unsigned open = 1;

	for (size_t i = 0; i < size; i++) {
		if (p[i] == x->escape)
			i++;
		else if (p[i] == '{')
			open++;
		else if (p[i] == '}' && --open == 0)
			return i;
	}
	return size;
}

/* What follows the name in ${NAME...}, without the braces. */
static int apply(
	struct expansion *x, const char *value, const char *rest, size_t size, unsigned depth)
{
	const bool colon = size > 0 && *rest == ':';
	const bool set = value && (!colon || *value);
	const char op = size > colon ? rest[colon] : '\0';

	if (size > 0 && op != '-' && op != '+')
		return werr_set(
			x->err, WERR_UNSUPPORTED, "can't expand '${...%.*s}'", (int)size, rest);
	if (size > 0 && set == (op == '+'))
		return expand(x, rest + colon + 1, size - colon - 1, depth + 1);
	if (set && op != '+')
		buf_puts(x->to, value);
	return 0;
}

/* p follows a dollar sign. *ret_used: the bytes that belong to it. */
static int expand_variable(
	struct expansion *x, const char *p, size_t size, unsigned depth, size_t *ret_used)
{
	const bool braces = size > 0 && *p == '{';
	const char *name = p + braces;
	const size_t all = braces ? brace_size(x, name, size - 1) : size;
	const size_t n = name_size(name, all);

	if (braces && (all == size - 1 || n == 0))
		return werr_set(x->err, WERR_INVALID, "a variable in braces has no %s",
			n ? "closing brace" : "name");
	*ret_used = braces ? all + 2 : n;
	if (n == 0) {
		buf_putc(x->to, '$');
		return 0;
	}
	return apply(
		x, dockerfile_variable(x->vars, name, n), name + n, braces ? all - n : 0, depth);
}

static int expand(struct expansion *x, const char *word, size_t size, unsigned depth)
{
	char quote = '\0';
	size_t used = 0;
	int r;

	if (depth > DEPTH_MAX)
		return werr_set(x->err, WERR_LIMIT, "variables are nested too deeply");
	for (size_t i = 0; i < size; i++) {
		const char c = word[i];

		if (quote ? c == quote : c == '"' || c == '\'') {
			quote = quote ? '\0' : c;
		} else if (c == x->escape && quote != '\'' && i + 1 < size) {
			buf_putc(x->to, word[++i]);
		} else if (c == '$' && quote != '\'') {
			r = expand_variable(x, word + i + 1, size - i - 1, depth, &used);
			if (r < 0)
				return r;
			i += used;
		} else {
			buf_putc(x->to, c);
		}
	}
	return 0;
}

int dockerfile_expand(
	const char *word, char escape, const struct strv *vars, char **ret, struct werr **err)
{
	CLEANUP(buf) struct buf to = BUF_INIT(WORD_MAX);
	struct expansion x = {vars, escape, &to, err};
	int r = expand(&x, word, strlen(word), 0);

	if (r < 0)
		return r;
	if (buf_error(&to) < 0)
		return werr_set(err, WERR_LIMIT, "a word is longer than %d bytes", WORD_MAX);
	*ret = buf_steal(&to);
	return 0;
}
