/* SPDX-License-Identifier: Apache-2.0 */
#include "options/option-help.h"

#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "options/wrap.h"

enum { COLUMN_MAX = 28 }; /* where the descriptions of options begin at the latest */

static bool shown(const struct option_group *g, const struct option *o)
{
	return o->kind != OPTION_ABSENT && !o->hidden && !g->hidden;
}

static char *option_head(const struct option *o)
{
	CLEANUP(free) char *text = option_text(o);
	CLEANUP(free) char *letter = NULL;
	const char *value = o->value ? o->value : "";

	letter = o->letter ? str_printf("-%c, ", o->letter) : str_dup(o->name[1] ? "    " : "");
	if (o->kind == OPTION_LEVEL)
		return str_printf("  %s%s [%s]", letter, text, value);
	return str_printf("  %s%s%s%s", letter, text, *value ? " " : "", value);
}

/* Begin the next note of an option: they are in one pair of brackets, with semicolons between. */
static void add_note(struct buf *out, bool *any, const char *title)
{
	buf_printf(out, "%s%s", *any ? "; " : " (", title);
	*any = true;
}

/* What the help says about an option, with what its declaration says besides. */
static char *option_description(const struct option *o)
{
	CLEANUP(buf) struct buf b = BUF_INIT(1 << 16);
	const char *const *choices = o->choices ? o->choices() : NULL;
	bool any = false;

	buf_puts(&b, o->help);
	for (size_t i = 0; choices && choices[i]; i++) {
		if (i == 0)
			add_note(&b, &any, choices[i]);
		else
			buf_printf(&b, ", %s", choices[i]);
	}
	if (o->kind == OPTION_LIST || o->kind == OPTION_REPEAT)
		add_note(&b, &any, "repeatable");
	if (o->fallback) {
		add_note(&b, &any, "default: ");
		buf_puts(&b, o->fallback);
	}
	for (size_t i = 0; i < ARRAY_SIZE(o->environment) && o->environment[i]; i++) {
		if (i == 0)
			add_note(&b, &any, "environment: ");
		buf_printf(&b, "%s%s", i ? ", " : "", o->environment[i]);
	}
	buf_puts(&b, any ? ")" : "");
	return buf_steal(&b);
}

static size_t description_column(const struct option_group *groups)
{
	size_t widest = 0;

	for (const struct option_group *g = groups; g->options; g++)
		for (const struct option *o = g->options; o->name; o++) {
			CLEANUP(free) char *head = option_head(o);
			size_t width = strlen(head) + 2;

			if (shown(g, o) && width <= COLUMN_MAX && width > widest)
				widest = width;
		}
	return widest;
}

static void add_option(struct buf *out, const struct option *o, size_t column)
{
	CLEANUP(free) char *head = option_head(o);
	CLEANUP(free) char *description = option_description(o);

	buf_puts(out, head);
	if (strlen(head) + 2 > column)
		buf_putc(out, '\n');
	wrap_add(out, description, column);
}

void option_help(struct buf *out, const char *title, const struct option_group *groups)
{
	size_t column = groups ? description_column(groups) : 0;
	bool any = false;

	for (const struct option_group *g = groups; g && g->options; g++)
		for (const struct option *o = g->options; o->name; o++) {
			if (!shown(g, o))
				continue;
			if (!any)
				buf_printf(out, "\n%s:\n", title);
			any = true;
			add_option(out, o, column);
		}
}
