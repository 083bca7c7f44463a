/* SPDX-License-Identifier: Apache-2.0 */
#include "probe/outside.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "data/json.h"

enum { LISTED_MAX = 8 };

void probe_outside_cleanup(struct probe_outside *o)
{
	outside_reader_cleanup(&o->reader);
	document_free(STEAL(o->answer));
}

char *probe_outside_ask(struct probe_outside *o)
{
	outside_reader_expect(&o->reader);
	document_free(STEAL(o->answer));
	return str_printf("\n{\"do\":\"list\",\"" OUTSIDE_ID "\":\"%s\"}\n", o->reader.id);
}

/* The first line is the answer. */
static void take_line(void *ctx, char *line, size_t size)
{
	struct probe_outside *o = ctx;

	if (!o->answer)
		(void)json_parse("answer", line, size, &o->answer, NULL);
}

bool probe_outside_add(struct probe_outside *o, const char *bytes, size_t size)
{
	bool before = o->reader.ended;

	outside_reader_add(&o->reader, bytes, size, take_line, o);
	return o->reader.ended && !before;
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
