/* SPDX-License-Identifier: Apache-2.0 */
#include "client/request.h"

#include <stdlib.h>

#include "base/mem.h"
#include "contract/outside.h"
#include "data/json.h"

static const struct {
	const char *name;
	bool needs_name;
} verbs[] = {
	[REQUEST_LIST] = {"list", false},
	[REQUEST_BOOT] = {"boot", false},
	[REQUEST_STATUS] = {"status", true},
	[REQUEST_START] = {"start", true},
	[REQUEST_STOP] = {"stop", true},
	[REQUEST_RESTART] = {"restart", true},
	[REQUEST_WAIT] = {"wait", true},
	[REQUEST_LOGS] = {"logs", false},
	[REQUEST_EXEC] = {"exec", true},
	[REQUEST_DEBUG] = {"debug", true},
};
_Static_assert(ARRAY_SIZE(verbs) == REQUEST_VERBS, "a row for each verb");

bool request_runs(enum request_verb verb)
{
	return verb == REQUEST_EXEC || verb == REQUEST_DEBUG;
}

static int read_verb(struct request *r, const struct document *d, struct werr **err)
{
	const char *text = node_get_text(d->root, "do");

	for (unsigned i = 0; text && i < REQUEST_VERBS; i++) {
		if (!str_eq(text, verbs[i].name))
			continue;
		r->verb = (enum request_verb)i;
		return 0;
	}
	return node_error(err, d->root, "'do' is not a known request");
}

static int read_argv(struct request *r, const struct document *d, struct werr **err)
{
	const struct node *list = node_get(d->root, "argv");

	if (!list || list->kind != NODE_LIST || !list->n)
		return node_error(err, d->root, "'argv' must be a list of strings");
	for (size_t i = 0; i < list->n; i++) {
		if (list->items[i]->kind != NODE_SCALAR)
			return node_error(err, list->items[i], "'argv' must be a list of strings");
		strv_add(&r->argv, list->items[i]->text);
	}
	return 0;
}

static bool flag(const struct document *d, const char *key)
{
	const struct node *n = node_get(d->root, key);
	bool value;

	return n && node_to_bool(n, &value) && value;
}

int request_parse(const char *text, size_t size, struct request **ret, struct werr **err)
{
	CLEANUP(request) struct request *q = mem_new(struct request);
	CLEANUP(document) struct document *d = NULL;
	const struct node *lines;
	uint64_t n = 0;
	int r = json_parse("request", text, size, &d, err);

	if (r == 0)
		r = read_verb(q, d, err);
	if (r < 0)
		return r;
	q->name = str_dup(node_get_text(d->root, "name"));
	q->state = str_dup(node_get_text(d->root, "state"));
	q->id = str_dup(node_get_text(d->root, OUTSIDE_ID));
	q->follow = flag(d, "follow");
	q->terminal = flag(d, "terminal");
	if (q->id && strlen(q->id) > OUTSIDE_ID_MAX)
		return node_error(err, d->root, "'" OUTSIDE_ID "' is too long");
	lines = node_get(d->root, "lines");
	if (lines && (!node_to_u64(lines, &n) || n > REQUEST_LINES_MAX))
		return node_error(
			err, lines, "'lines' must be a number up to %d", REQUEST_LINES_MAX);
	q->lines = lines ? (unsigned)n : REQUEST_LINES_MAX;
	if (verbs[q->verb].needs_name && !q->name)
		return node_error(err, d->root, "'name' is missing");
	if (q->verb == REQUEST_EXEC || (q->verb == REQUEST_DEBUG && node_get(d->root, "argv")))
		r = read_argv(q, d, err);
	if (r == 0)
		*ret = STEAL(q);
	return r;
}

char *request_format(const struct request *r)
{
	CLEANUP(buf) struct buf out = BUF_INIT(REQUEST_MAX);
	struct json_writer w = JSON_WRITER(&out, 0);

	json_open_object(&w);
	json_key_string(&w, "do", verbs[r->verb].name);
	json_key_string_opt(&w, "name", r->name);
	json_key_string_opt(&w, "state", r->state);
	json_key_string_opt(&w, OUTSIDE_ID, r->id);
	if (r->verb == REQUEST_LOGS) {
		json_key_u64(&w, "lines", r->lines);
		json_key_bool(&w, "follow", r->follow);
	}
	if (request_runs(r->verb)) {
		json_key_bool(&w, "terminal", r->terminal);
		json_key_strings_opt(&w, "argv", &r->argv);
	}
	json_close_object(&w);
	buf_putc(&out, '\n');
	return buf_error(&out) < 0 ? NULL : buf_steal(&out);
}

void request_free(struct request *r)
{
	if (!r)
		return;
	free(r->name);
	free(r->state);
	free(r->id);
	strv_clear(&r->argv);
	free(r);
}
