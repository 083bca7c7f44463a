/* SPDX-License-Identifier: Apache-2.0 */
/* Replaces variables by their values. */
#include <search.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "config/values.h"
#include "config/variables.h"

/* ---- looking up ---- */

static int compare_names(const void *a, const void *b)
{
	const struct variable *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static int compare_variables(const void *a, const void *b)
{
	const struct variable *x = a, *y = b;
	int order = compare_names(a, b);

	return order ? order : (x->rank > y->rank) - (x->rank < y->rank);
}

static struct variable *find(const struct variables *v, const char *name)
{
	const struct variable key = {.name = name};

	if (v->n == 0)
		return NULL;
	return bsearch(&key, v->items, v->n, sizeof(*v->items), compare_names);
}

static char *suggest(const struct variables *v, const char *name)
{
	CLEANUP(free) const char **names = mem_new_array(const char *, v->n + 1);

	for (size_t i = 0; i < v->n; i++)
		names[i] = v->items[i].name;
	return check_suggestion(name, names);
}

/* ---- replacing ---- */

/* Where a text is being replaced, for mistakes. */
struct place {
	struct variables *v;
	struct checker *checker;
	const struct node *node;
	unsigned depth;
};

static bool expand(const struct place *p, const char *text, size_t size, struct buf *out);

static void mistake(const struct place *p, const char *hint, const char *fmt, ...)
	ATTR_PRINTF(3, 4);
static void mistake(const struct place *p, const char *hint, const char *fmt, ...)
{
	CLEANUP(free) char *message = NULL;
	va_list ap;

	va_start(ap, fmt);
	message = str_printfv(fmt, ap);
	va_end(ap);
	checker_add(p->checker, p->node, "%s", message);
	if (hint)
		checker_hint(p->checker, "%s", hint);
}

static void unknown_variable(const struct place *p, const char *name)
{
	CLEANUP(free) char *suggestion = NULL;
	CLEANUP(free) char *hint = NULL;

	if (!checker_is_full(p->checker))
		suggestion = suggest(p->v, name);
	hint = str_printf("give it with --set %.80s=...%s; the text itself is written $${%.80s}",
		name,
		p->v->given_only ? " or --env-file, as 'variables' are not known here yet"
				 : ", --env-file or 'variables'",
		name);
	mistake(p, hint, "the variable '%.80s' is not set%s", name, suggestion ? suggestion : "");
}

static void no_variable(const struct place *p, const char *text, size_t size)
{
	const char *end = memchr(text, '}', size);
	size_t n = end ? (size_t)(end - text) + 1 : size;

	mistake(p,
		"a variable is ${NAME} or ${NAME:-default}; for the text itself write $${ "
		"instead of ${",
		"'%.*s' is not a variable", (int)(n > 40 ? 40 : n), text);
}

/* Replaces the variables in a variable's own value, when it is first used. */
static void resolve(const struct place *user, struct variable *var)
{
	const struct place own = {user->v, user->checker, var->node, user->depth + 1};
	CLEANUP(buf) struct buf value = BUF_INIT(VARIABLES_TEXT_MAX);

	if (var->state == VARIABLE_DONE)
		return;
	if (var->state == VARIABLE_BUSY || own.depth > VARIABLES_DEPTH_MAX) {
		mistake(&own, NULL,
			var->state == VARIABLE_BUSY
				? "the variable '%.80s' has itself in its value"
				: "the value of '%.80s' is too many variables deep",
			var->name);
		var->value = "";
	} else if (strstr(var->value, "${")) {
		var->state = VARIABLE_BUSY;
		if (expand(&own, var->value, strlen(var->value), &value)) {
			strv_take(&user->v->texts, buf_steal(&value));
			var->value = user->v->texts.items[user->v->texts.n - 1];
		} else {
			var->value = "";
		}
	}
	var->state = VARIABLE_DONE;
}

/* Replaces the variable at text ("${", size bytes to the end): its length, or 0 after a mistake. */
static size_t replace(const struct place *p, const char *text, size_t size, struct buf *out)
{
	const char *end = memchr(text, '}', size);
	size_t name_len = end ? variable_name_length(text + 2) : 0,
	       whole = end ? (size_t)(end - text) + 1 : 0;
	CLEANUP(free) char *name = str_dup_n(text + 2, name_len);
	const char *rest = text + 2 + name_len, *otherwise = NULL;
	struct variable *var;

	if (name_len == 0 || (rest != end && !(otherwise = str_after(rest, ":-"))) ||
		(otherwise && memchr(rest, '{', (size_t)(end - rest)))) {
		no_variable(p, text, size);
		return 0;
	}
	var = find(p->v, name);
	if (var)
		resolve(p, var);
	if (var && (*var->value || !otherwise)) {
		buf_puts(out, var->value);
	} else if (otherwise) {
		buf_add(out, otherwise, (size_t)(end - otherwise));
	} else {
		unknown_variable(p, name);
		return 0;
	}
	return whole;
}

/* false: there was a mistake. */
static bool expand(const struct place *p, const char *text, size_t size, struct buf *out)
{
	const char *end = text + size;

	if (p->v->replaced > VARIABLES_TEXT_MAX)
		return false; /* which has been reported */
	while (text < end) {
		size_t left = (size_t)(end - text), n;
		const char *dollar = memchr(text, '$', left);

		n = dollar ? (size_t)(dollar - text) : left;
		buf_add(out, text, n);
		text += n;
		left -= n;
		if (left >= 3 && memcmp(text, "$${", 3) == 0) {
			buf_puts(out, "${");
			text += 3;
		} else if (left >= 2 && memcmp(text, "${", 2) == 0) {
			n = replace(p, text, left, out);
			if (n == 0)
				return false;
			text += n;
		} else if (left > 0) {
			buf_putc(out, *text++);
		}
	}
	p->v->replaced += out->len;
	if (buf_error(out) == 0 && p->v->replaced <= VARIABLES_TEXT_MAX)
		return true;
	mistake(p, NULL, "variables make more than %d MiB of text",
		(int)(VARIABLES_TEXT_MAX >> 20));
	return false;
}

void variables_finish(struct variables *v, struct checker *c)
{
	size_t kept = 0;

	if (v->n > 1)
		qsort(v->items, v->n, sizeof(*v->items), compare_variables);
	for (size_t i = 0; i < v->n; i++) {
		if (kept > 0 && str_eq(v->items[kept - 1].name, v->items[i].name))
			kept--;
		v->items[kept++] = v->items[i];
	}
	v->n = kept;
	for (size_t i = 0; i < v->n; i++)
		resolve(&(struct place){.v = v, .checker = c}, &v->items[i]);
}

bool variables_expand(struct variables *v, struct checker *c, struct node *n)
{
	const struct place p = {v, c, n, 0};
	CLEANUP(buf) struct buf out = BUF_INIT(VARIABLES_TEXT_MAX);

	if (n->binary || !memmem(n->text, n->size, "${", 2))
		return true;
	if (!expand(&p, n->text, n->size, &out)) {
		n->broken = true;
		return false;
	}
	node_set_text(n, buf_str(&out), out.len);
	return true;
}

/* ---- a whole document ---- */

static int compare_pointers(const void *a, const void *b)
{
	return (a > b) - (a < b);
}

static void keep_node(void *p)
{
	(void)p;
}

/* seen: a node that aliases refer to is met more than once, but replaced once. */
static void expand_below(struct variables *v, struct checker *c, struct node *n, void **seen)
{
	for (size_t i = 0; i < n->n; i++)
		expand_below(v, c, n->items[i], seen);
	if (n->kind != NODE_SCALAR || !memmem(n->text, n->size, "${", 2) ||
		tfind(n, seen, compare_pointers))
		return;
	if (!tsearch(n, seen, compare_pointers))
		abort();
	variables_expand(v, c, n);
}

void variables_expand_all(struct variables *v, struct checker *c, struct document *d)
{
	void *seen = NULL;

	for (size_t i = 0; d->root->kind == NODE_MAP && i < d->root->n; i++)
		if (!str_eq(d->root->keys[i]->text, "variables") &&
			!str_eq(d->root->keys[i]->text, "include"))
			expand_below(v, c, d->root->items[i], &seen);
	tdestroy(seen, keep_node);
}
