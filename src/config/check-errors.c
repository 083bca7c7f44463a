/* SPDX-License-Identifier: Apache-2.0 */
/* The list of mistakes that a checker collects. */
#include <stdlib.h>

#include "base/mem.h"
#include "base/str.h"
#include "config/check.h"

void checker_cleanup(struct checker *c)
{
	buf_clear(&c->where);
	werr_free(c->errors);
	c->errors = NULL;
}

static struct werr *last_error(const struct checker *c)
{
	struct werr *last = c->errors;

	while (last && last->next)
		last = last->next;
	return last;
}

static void add_error(struct checker *c, struct werr *e)
{
	if (c->n_errors++ >= CHECK_ERRORS_MAX)
		werr_free(e);
	else
		werr_append(&c->errors, e);
}

void checker_add(struct checker *c, const struct node *n, const char *fmt, ...)
{
	CLEANUP(free) char *message = NULL;
	struct werr *e = NULL;
	va_list ap;

	va_start(ap, fmt);
	message = str_printfv(fmt, ap);
	va_end(ap);
	node_error(&e, c->document, n, "%s", message);
	add_error(c, e);
}

void checker_unsupported(struct checker *c, const struct node *n, const char *fmt, ...)
{
	CLEANUP(free) char *message = NULL;
	struct werr *e = NULL;
	va_list ap;

	va_start(ap, fmt);
	message = str_printfv(fmt, ap);
	va_end(ap);
	node_error(&e, c->document, n, "%s", message);
	e->kind = WERR_UNSUPPORTED;
	add_error(c, e);
}

void checker_hint(struct checker *c, const char *fmt, ...)
{
	CLEANUP(free) char *hint = NULL;
	struct werr *last = last_error(c);
	va_list ap;

	va_start(ap, fmt);
	hint = str_printfv(fmt, ap);
	va_end(ap);
	if (c->n_errors <= CHECK_ERRORS_MAX)
		werr_hint(&last, "%s", hint);
}

void checker_take(struct checker *c, const struct node *n, struct werr *err)
{
	checker_add(c, n, "%s", err->message);
	if (err->hint)
		checker_hint(c, "%s", err->hint);
	werr_free(err);
}

int checker_finish(struct checker *c, struct werr **err)
{
	int r;

	if (!c->errors)
		return 0;
	r = werr_code(c->errors->kind);
	if (c->n_errors > CHECK_ERRORS_MAX) {
		struct werr *more = NULL;

		werr_set(&more, WERR_INVALID, "and %zu more mistakes",
			c->n_errors - CHECK_ERRORS_MAX);
		werr_append(&c->errors, more);
	}
	if (err)
		*err = STEAL(c->errors);
	return r;
}

char *check_suggestion(const char *text, const char *const *candidates)
{
	const char *nearest = str_nearest(text, candidates);

	return nearest && *nearest ? str_printf("; did you mean '%s'?", nearest) : str_dup("");
}
