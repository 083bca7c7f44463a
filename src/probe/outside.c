/* SPDX-License-Identifier: Apache-2.0 */
#include "probe/outside.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "contract/outside.h"
#include "data/json.h"

enum { LISTED_MAX = 8 };

void probe_outside_cleanup(struct probe_outside *o)
{
	buf_clear(&o->in);
	document_free(STEAL(o->answer));
}

char *probe_outside_ask(struct probe_outside *o)
{
	/* What an earlier client left unread has another one. */
	str_format(o->id, sizeof(o->id), "%d-%llu-%llu", (int)getpid(),
		(unsigned long long)clock_us(), (unsigned long long)o->serial++);
	o->begun = false;
	document_free(STEAL(o->answer));
	return str_printf("\n{\"do\":\"list\",\"" OUTSIDE_ID "\":\"%s\"}\n", o->id);
}

/* A line with its end. */
static bool take_line(struct probe_outside *o, const char *line, size_t size)
{
	CLEANUP(document) struct document *d = NULL;
	const char *begin, *end;

	if (size <= 1 || json_parse("answer", line, size - 1, &d, NULL) < 0)
		return false;
	begin = node_get_text(d->root, OUTSIDE_BEGIN);
	end = node_get_text(d->root, OUTSIDE_END);
	if (begin && str_eq(begin, o->id))
		o->begun = true;
	else if (end && str_eq(end, o->id))
		return o->begun;
	else if (o->begun && !o->answer)
		o->answer = STEAL(d);
	return false;
}

bool probe_outside_add(struct probe_outside *o, const char *bytes, size_t size)
{
	bool complete = false;

	while (size > 0) {
		const char *end = memchr(bytes, '\n', size);
		size_t n = end ? (size_t)(end - bytes) + 1 : size;

		if (!o->skips)
			buf_add(&o->in, bytes, n);
		o->skips = o->skips || buf_error(&o->in) < 0;
		if (end && !o->skips)
			complete = take_line(o, o->in.data, o->in.len) || complete;
		if (end || o->skips)
			buf_clear(&o->in);
		if (end)
			o->skips = false;
		bytes += n;
		size -= n;
	}
	return complete;
}

static const char *state_of(const struct node *containers, const char *name)
{
	for (size_t i = 0; containers && i < containers->n; i++) {
		const char *other = node_get_text(containers->items[i], "name");

		if (other && str_eq(other, name))
			return node_get_text(containers->items[i], "state");
	}
	return NULL;
}

static void add_names(struct buf *b, const struct node *containers)
{
	size_t n = containers ? containers->n : 0;

	for (size_t i = 0; i < n && i < LISTED_MAX; i++) {
		const char *name = node_get_text(containers->items[i], "name");

		buf_printf(b, "%s%.80s", i ? ", " : "", name ? name : "?");
	}
	buf_puts(b, n > LISTED_MAX ? " ..." : n ? "" : "none");
}

void probe_outside_compare(const struct node *list, const struct node *wanted, char **ret_why)
{
	CLEANUP(buf) struct buf b = BUF_INIT(1 << 16);
	const struct node *containers = node_get(list, "containers");

	for (size_t i = 0; i < wanted->n; i++) {
		const char *name = wanted->keys[i]->text, *state = state_of(containers, name);

		if (state && str_eq(state, wanted->items[i]->text))
			continue;
		buf_puts(&b, b.len ? "; " : "");
		if (state)
			buf_printf(&b, "%.80s is %.80s, not %.80s", name, state,
				wanted->items[i]->text);
		else
			buf_printf(&b, "there is no %.80s among: ", name);
		if (!state)
			add_names(&b, containers);
	}
	*ret_why = b.len ? buf_steal(&b) : NULL;
}
