/* SPDX-License-Identifier: Apache-2.0 */
#include "config/variables.h"

#include <search.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "config/values.h"

static const char name_letters[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";

void variables_cleanup(struct variables *v)
{
	free(v->items);
	strv_clear(&v->texts);
	*v = (struct variables){0};
}

/* The length of the name that text begins with; 0: none. */
static size_t name_length(const char *text)
{
	return *text >= '0' && *text <= '9' ? 0 : strspn(text, name_letters);
}

bool variable_name_valid(const char *name)
{
	size_t n = name_length(name);

	return n > 0 && !name[n];
}

/* ---- adding ---- */

static struct variable *add(struct variables *v, const char *name, const char *value)
{
	struct variable *new;

	mem_grow(&v->items, v->n, &v->cap, sizeof(*v->items));
	new = &v->items[v->n];
	*new = (struct variable){
		.name = name, .value = value, .rank = v->n++, .state = VARIABLE_DONE};
	return new;
}

/* The copy lives as long as v. */
static const char *keep(struct variables *v, char *text)
{
	strv_take(&v->texts, text);
	return text;
}

int variables_add_setting(struct variables *v, const char *setting, struct werr **err)
{
	const char *equals = strchr(setting, '=');
	CLEANUP(free) char *name = str_dup_n(setting, equals ? (size_t)(equals - setting) : 0);

	if (!variable_name_valid(name)) {
		werr_set(err, WERR_USAGE, "'%.80s' does not set a variable", setting);
		werr_hint(err, "write it like NAME=value; names have letters, digits and '_'");
		return werr_code(WERR_USAGE);
	}
	add(v, keep(v, STEAL(name)), keep(v, str_dup(equals + 1)));
	return 0;
}

/* Without the blanks at both ends. */
static char *trimmed(const char *text, size_t size)
{
	static const char blanks[] = " \t\r";

	while (size > 0 && strchr(blanks, text[size - 1]))
		size--;
	while (size > 0 && strchr(blanks, *text)) {
		text++;
		size--;
	}
	return str_dup_n(text, size);
}

static void remove_quotes(char *value)
{
	size_t n = strlen(value);

	if (n < 2 || (value[0] != '"' && value[0] != '\'') || value[n - 1] != value[0])
		return;
	memmove(value, value + 1, n - 2);
	value[n - 2] = '\0';
}

/* false: the line can't be understood. */
static bool add_line(struct variables *v, const char *line, size_t size)
{
	CLEANUP(free) char *text = trimmed(line, size);
	const char *exported = str_after(text, "export "), *equals;
	CLEANUP(free) char *name = NULL;
	char *value;

	if (!*text || *text == '#')
		return true;
	equals = strchr(text, '=');
	if (exported)
		exported += strspn(exported, " \t");
	else
		exported = text;
	if (!equals)
		return false;
	name = trimmed(exported, (size_t)(equals - exported));
	if (!variable_name_valid(name))
		return false;
	value = trimmed(equals + 1, strlen(equals + 1));
	remove_quotes(value);
	add(v, keep(v, STEAL(name)), keep(v, value));
	return true;
}

int variables_add_file(
	struct variables *v, const char *name, const char *text, size_t size, struct werr **err)
{
	unsigned line = 1;

	for (const char *end = text + size; text < end; line++) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		size_t n = (size_t)((newline ? newline : end) - text);

		if (memchr(text, '\0', n))
			return werr_at(err, name, line, 1, "a NUL byte in a file of variables");
		if (!add_line(v, text, n)) {
			werr_at(err, name, line, 1, "this line does not set a variable");
			werr_hint(err,
				"write it like NAME=value; names have letters, digits and '_'");
			return werr_code(WERR_INVALID);
		}
		text += n + 1;
	}
	return 0;
}

void variables_add_map(struct variables *v, const struct document *d)
{
	const struct node *map = node_get(d->root, "variables");

	for (size_t i = 0; map && map->kind == NODE_MAP && i < map->n; i++) {
		const struct node *value = map->items[i];
		struct variable *new;

		if (value->kind != NODE_SCALAR || strlen(value->text) != value->size)
			continue;
		new = add(v, map->keys[i]->text, value->text);
		new->document = d;
		new->node = value;
		new->state = VARIABLE_RAW;
	}
}

void variables_add_all(struct variables *v, const struct variables *from)
{
	for (size_t i = 0; i < from->n; i++)
		add(v, from->items[i].name, from->items[i].value);
}

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
	const struct document *document;
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
	p->checker->document = p->document;
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
		"a variable is ${NAME} or ${NAME:-default}; for the text itself write $${ instead of ${",
		"'%.*s' is not a variable", (int)(n > 40 ? 40 : n), text);
}

/* Replace what is in a variable's own value, when it is used first. */
static void resolve(const struct place *user, struct variable *var)
{
	const struct place own = {
		user->v, user->checker, var->document, var->node, user->depth + 1};
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
		if (expand(&own, var->value, strlen(var->value), &value))
			var->value = keep(user->v, buf_steal(&value));
		else
			var->value = "";
	}
	var->state = VARIABLE_DONE;
}

/* What stands at text ("${", size bytes to the end): its length, or 0 with a mistake. */
static size_t replace(const struct place *p, const char *text, size_t size, struct buf *out)
{
	const char *end = memchr(text, '}', size);
	size_t name_len = end ? name_length(text + 2) : 0,
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
		return false; /* which was told */
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

bool variables_expand(struct variables *v, struct checker *c, struct document *d, struct node *n)
{
	const struct place p = {v, c, d, n, 0};
	CLEANUP(buf) struct buf out = BUF_INIT(VARIABLES_TEXT_MAX);

	if (n->binary || !memmem(n->text, n->size, "${", 2))
		return true;
	if (!expand(&p, n->text, n->size, &out)) {
		n->broken = true;
		return false;
	}
	document_replace_text(d, n, buf_str(&out), out.len);
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

/* seen: a node that aliases stand for comes by more than once, and is replaced once. */
static void expand_below(
	struct variables *v, struct checker *c, struct document *d, struct node *n, void **seen)
{
	for (size_t i = 0; i < n->n; i++)
		expand_below(v, c, d, n->items[i], seen);
	if (n->kind != NODE_SCALAR || !memmem(n->text, n->size, "${", 2) ||
		tfind(n, seen, compare_pointers))
		return;
	if (!tsearch(n, seen, compare_pointers))
		abort();
	variables_expand(v, c, d, n);
}

void variables_expand_all(struct variables *v, struct checker *c, struct document *d)
{
	void *seen = NULL;

	for (size_t i = 0; d->root->kind == NODE_MAP && i < d->root->n; i++)
		if (!str_eq(d->root->keys[i]->text, "variables") &&
			!str_eq(d->root->keys[i]->text, "include"))
			expand_below(v, c, d, d->root->items[i], &seen);
	tdestroy(seen, keep_node);
}

void check_variables(struct checker *c, const struct node *n)
{
	for (size_t i = 0; i < n->n; i++) {
		if (variable_name_valid(n->keys[i]->text))
			continue;
		checker_add(
			c, n->keys[i], "'%.80s' is not a name for a variable", n->keys[i]->text);
		checker_hint(c, "letters, digits and '_', and no digit first");
	}
}
