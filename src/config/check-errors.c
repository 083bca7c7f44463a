/* SPDX-License-Identifier: Apache-2.0 */
/* The list of mistakes that a checker collects. */
#include <stdlib.h>

#include "base/mem.h"
#include "base/str.h"
#include "config/check.h"

void checker_cleanup(struct checker *c)
{
	buf_clear(&c->where);
	werr_free(STEAL(c->errors));
	werr_free(STEAL(c->warnings));
}

/* To the end of the list, as long as there are not too many. */
static void add(struct checker *c, struct werr **list, size_t *n, size_t max, struct werr *e)
{
	if ((*n)++ < max) {
		werr_append(list, e);
		c->last = e;
	} else {
		werr_free(e);
		c->last = NULL;
	}
}

ATTR_PRINTF(2, 0)
static struct werr *error_at(const struct node *n, const char *fmt, va_list ap)
{
	CLEANUP(free) char *message = str_printfv(fmt, ap);
	struct werr *e = NULL;

	node_error(&e, n, "%s", message);
	return e;
}

void checker_add(struct checker *c, const struct node *n, const char *fmt, ...)
{
	va_list ap;

	if (checker_is_full(c)) {
		c->n_errors++;
		c->last = NULL;
		return;
	}
	va_start(ap, fmt);
	add(c, &c->errors, &c->n_errors, CHECK_ERRORS_MAX, error_at(n, fmt, ap));
	va_end(ap);
}

void checker_warn(struct checker *c, const struct node *n, const char *fmt, ...)
{
	va_list ap;

	c->last = NULL;
	if (c->label)
		return;
	if (c->n_warnings >= CHECK_WARNINGS_MAX) {
		c->n_warnings++;
		return;
	}
	va_start(ap, fmt);
	add(c, &c->warnings, &c->n_warnings, CHECK_WARNINGS_MAX, error_at(n, fmt, ap));
	va_end(ap);
}

void checker_hint(struct checker *c, const char *fmt, ...)
{
	CLEANUP(free) char *hint = NULL;
	va_list ap;

	va_start(ap, fmt);
	hint = str_printfv(fmt, ap);
	va_end(ap);
	werr_hint(&c->last, "%s", hint);
}

void checker_take(struct checker *c, const struct node *n, struct werr *err)
{
	checker_add(c, n, "%s", err->message);
	if (err->hint)
		checker_hint(c, "%s", err->hint);
	werr_free(err);
}

void checker_take_list(struct checker *c, struct werr *errors)
{
	while (errors) {
		struct werr *rest = STEAL(errors->next);

		add(c, &c->errors, &c->n_errors, CHECK_ERRORS_MAX, errors);
		errors = rest;
		c->incomplete = true;
	}
}

/* The place of an error; rank: the file's, then the error's own. */
struct place {
	struct werr *e;
	size_t file, rank;
};

static int compare_places(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	if (x->file != y->file)
		return x->file < y->file ? -1 : 1;
	if (x->e->line != y->e->line)
		return x->e->line < y->e->line ? -1 : 1;
	if (x->e->column != y->e->column)
		return x->e->column < y->e->column ? -1 : 1;
	return (x->rank > y->rank) - (x->rank < y->rank);
}

/* The index of the first place so far in the same file. */
static size_t file_rank(const struct place *places, size_t n)
{
	const char *file = places[n].e->file;

	for (size_t i = 0; file && i < n; i++)
		if (places[i].e->file && str_eq(places[i].e->file, file))
			return i;
	return n;
}

/* Files in the order in which they first appeared. */
static void sort_by_place(struct werr **list)
{
	size_t n = 0, cap = 0;
	CLEANUP(free) struct place *places = NULL;

	for (struct werr *e = *list; e; e = e->next, n++) {
		mem_grow(&places, n, &cap, sizeof(*places));
		places[n] = (struct place){.e = e, .rank = n};
		places[n].file = file_rank(places, n);
	}
	if (n > 1)
		qsort(places, n, sizeof(*places), compare_places);
	for (size_t i = 0; i < n; i++) {
		*list = places[i].e;
		list = &places[i].e->next;
	}
	*list = NULL;
}

static void add_rest(struct werr **list, size_t n, size_t max, const char *what)
{
	struct werr *more = NULL;

	if (n <= max)
		return;
	werr_set(&more, WERR_INVALID, "and %zu more %s", n - max, what);
	werr_append(list, more);
}

int checker_finish(struct checker *c, struct werr **err)
{
	int r;

	c->last = NULL;
	if (!c->errors)
		return 0;
	sort_by_place(&c->errors);
	add_rest(&c->errors, c->n_errors, CHECK_ERRORS_MAX, "mistakes");
	r = werr_code(c->errors->kind);
	werr_pass(err, STEAL(c->errors));
	return r;
}

struct werr *checker_steal_warnings(struct checker *c)
{
	c->last = NULL;
	sort_by_place(&c->warnings);
	add_rest(&c->warnings, c->n_warnings, CHECK_WARNINGS_MAX, "warnings");
	return STEAL(c->warnings);
}

char *check_suggestion(const char *text, const char *const *candidates)
{
	const char *nearest = str_nearest(text, candidates);

	return nearest && *nearest ? str_printf("; did you mean '%s'?", nearest) : str_dup("");
}
