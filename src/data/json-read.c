/* SPDX-License-Identifier: Apache-2.0 */
#include "data/json-read.h"

#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "data/json.h"

/* The values of a list or map while it is read. */
struct children {
	struct node **keys, **items;
	size_t n, keys_cap, items_cap;
};
static void children_cleanup(struct children *c)
{
	free(c->keys);
	free(c->items);
}

static int read_value(struct json_reader *r, unsigned depth, struct node **ret, struct werr **err);

void json_read_place(struct json_reader *r)
{
	for (; r->seen < r->offset; r->seen++) {
		if (r->text[r->seen] == '\n') {
			r->line++;
			r->column = 1;
		} else if (((unsigned char)r->text[r->seen] & 0xC0) != 0x80) {
			r->column++;
		}
	}
}

int json_read_error(struct json_reader *r, struct werr **err, const char *fmt, ...)
{
	CLEANUP(free) char *message = NULL;
	va_list ap;

	va_start(ap, fmt);
	message = str_printfv(fmt, ap);
	va_end(ap);
	json_read_place(r);
	return werr_at(err, r->document->name, r->line, r->column, "not valid JSON: %s", message);
}

/* The next character that is not white space; '\0' at the end of the text. */
static char peek(struct json_reader *r)
{
	while (r->offset < r->size && r->text[r->offset] && strchr(" \t\r\n", r->text[r->offset]))
		r->offset++;
	return r->offset < r->size ? r->text[r->offset] : '\0';
}

static struct node *node_here(struct json_reader *r, enum node_kind kind)
{
	json_read_place(r);
	return document_node(r->document, kind, r->line, r->column);
}

static int read_word(struct json_reader *r, struct node **ret, struct werr **err)
{
	static const char *const words[] = {"null", "true", "false"};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		size_t n = strlen(words[i]);

		if (r->size - r->offset < n || memcmp(r->text + r->offset, words[i], n) != 0)
			continue;
		*ret = node_here(r, i == 0 ? NODE_NULL : NODE_SCALAR);
		if (i > 0) {
			(*ret)->text = words[i];
			(*ret)->size = n;
		}
		r->offset += n;
		return 0;
	}
	return json_read_error(r, err, "a value is expected here");
}

/* After an element: true when another one follows. */
static int read_separator(struct json_reader *r, char end, bool *more, struct werr **err)
{
	char c = peek(r);

	if (c != ',' && c != end)
		return json_read_error(r, err, "',' or '%c' is expected here", end);
	r->offset++;
	*more = c == ',';
	return 0;
}

static int read_key(struct json_reader *r, struct node **ret, struct werr **err)
{
	int result;

	if (peek(r) != '"')
		return json_read_error(r, err, "a key in double quotes is expected here");
	result = json_read_string(r, ret, err);
	if (result < 0)
		return result;
	if (peek(r) != ':')
		return json_read_error(r, err, "expected ':' after a key");
	r->offset++;
	return 0;
}

static int read_child(
	struct json_reader *r, unsigned depth, bool with_key, struct children *c, struct werr **err)
{
	struct node *key = NULL, *item = NULL;
	int result = with_key ? read_key(r, &key, err) : 0;

	if (result == 0)
		result = read_value(r, depth + 1, &item, err);
	if (result < 0)
		return result;
	if (with_key) {
		mem_grow(&c->keys, c->n, &c->keys_cap, sizeof(c->keys[0]));
		c->keys[c->n] = key;
	}
	mem_grow(&c->items, c->n, &c->items_cap, sizeof(c->items[0]));
	c->items[c->n++] = item;
	return 0;
}

static int compare_keys(const void *a, const void *b)
{
	const struct node *x = *(struct node *const *)a, *y = *(struct node *const *)b;
	int order = strcmp(x->text, y->text);

	if (order == 0)
		order = (x->line > y->line) - (x->line < y->line);
	return order ? order : (x->column > y->column) - (x->column < y->column);
}

static int check_duplicates(const struct children *c, struct werr **err)
{
	CLEANUP(free) struct node **sorted = NULL;

	if (c->n < 2)
		return 0;
	sorted = mem_dup(c->keys, c->n * sizeof(sorted[0]));
	qsort(sorted, c->n, sizeof(sorted[0]), compare_keys);
	for (size_t i = 1; i < c->n; i++)
		if (str_eq(sorted[i - 1]->text, sorted[i]->text))
			return node_error(err, sorted[i],
				"not valid JSON: the key '%.80s' is given twice", sorted[i]->text);
	return 0;
}

static int read_collection(
	struct json_reader *r, unsigned depth, struct node **ret, struct werr **err)
{
	CLEANUP(children) struct children children = {0};
	bool is_map = r->text[r->offset] == '{', more;
	char end = is_map ? '}' : ']';
	struct node *n = node_here(r, is_map ? NODE_MAP : NODE_LIST);
	int result;

	r->offset++;
	more = peek(r) != end;
	if (!more)
		r->offset++;
	while (more) {
		result = read_child(r, depth, is_map, &children, err);
		if (result == 0)
			result = read_separator(r, end, &more, err);
		if (result < 0)
			return result;
	}
	if (is_map) {
		result = check_duplicates(&children, err);
		if (result < 0)
			return result;
		document_set_map(r->document, n, children.keys, children.items, children.n);
	} else {
		document_set_list(r->document, n, children.items, children.n);
	}
	*ret = n;
	return 0;
}

static int read_value(struct json_reader *r, unsigned depth, struct node **ret, struct werr **err)
{
	char c = peek(r);

	if (++r->values > JSON_VALUES_MAX)
		return json_read_error(r, err, "more than %d values", (int)JSON_VALUES_MAX);
	if (c == '"')
		return json_read_string(r, ret, err);
	if (c == '-' || (c >= '0' && c <= '9'))
		return json_read_number(r, ret, err);
	if (c != '{' && c != '[')
		return read_word(r, ret, err);
	if (depth > JSON_NESTING_MAX)
		return json_read_error(
			r, err, "nested more than %d levels deep", (int)JSON_NESTING_MAX);
	return read_collection(r, depth, ret, err);
}

static int read_text(struct json_reader *r, struct werr **err)
{
	int result = read_value(r, 1, &r->document->root, err);

	if (result < 0)
		return result;
	peek(r);
	return r->offset < r->size ? json_read_error(r, err, "more text after the value") : 0;
}

int json_parse(
	const char *name, const char *text, size_t size, struct document **ret, struct werr **err)
{
	CLEANUP(document) struct document *d = NULL;
	struct json_reader r = {.text = text, .size = size, .line = 1, .column = 1};
	int result;

	if (size > JSON_SIZE_MAX_DEFAULT)
		return werr_set(err, WERR_LIMIT, "%s: more than %d MiB of JSON", name,
			(int)(JSON_SIZE_MAX_DEFAULT >> 20));
	r.string = BUF_INIT(size);
	r.document = d = document_new(name);
	result = read_text(&r, err);
	buf_cleanup(&r.string);
	if (result == 0)
		*ret = STEAL(d);
	return result;
}
