/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/help.h"

#include "base/mem.h"
#include "cli/lookup.h"

enum { COLUMN_MAX = 28 }; /* where the descriptions of options begin at the latest */

static size_t current_column(const struct buf *out)
{
	const char *text = buf_str(out), *newline = strrchr(text, '\n');

	return strlen(newline ? newline + 1 : text);
}

static void fill_to(struct buf *out, size_t column)
{
	size_t now = current_column(out);

	if (now < column)
		buf_fill(out, ' ', column - now);
}

/* One paragraph, up to `size` bytes of text. */
static void wrap_words(struct buf *out, const char *text, size_t size, size_t column)
{
	const char *end = text + size;
	bool first = true;

	while (text < end) {
		size_t n = strcspn(text, " \n");

		if (n > (size_t)(end - text))
			n = (size_t)(end - text);
		if (n && !first && current_column(out) + 1 + n > HELP_WIDTH) {
			buf_putc(out, '\n');
			first = true;
		}
		if (n) {
			if (first)
				fill_to(out, column);
			else
				buf_putc(out, ' ');
			buf_add(out, text, n);
			first = false;
		}
		text += n + 1;
	}
	buf_putc(out, '\n');
}

void help_wrap(struct buf *out, const char *text, size_t column)
{
	while (*text) {
		const char *end = strchr(text, '\n');
		size_t n = end ? (size_t)(end - text) : strlen(text);

		if (*text == ' ' || n == 0) {
			buf_add(out, text, n);
			buf_putc(out, '\n');
		} else {
			const char *gap = strstr(text, "\n\n"), *example = strstr(text, "\n ");

			n = strlen(text);
			if (gap)
				n = (size_t)(gap - text);
			if (example && example - text < (ptrdiff_t)n)
				n = (size_t)(example - text);
			wrap_words(out, text, n, column);
		}
		text += n;
		if (*text)
			text++;
	}
}

/* ---- options ---- */

static bool shown(const struct option *o)
{
	return o->kind != OPTION_ABSENT;
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

/* What the help says about an option, with what can be read off its declaration. */
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

static size_t description_column(const struct option *list, size_t widest)
{
	for (; list && list->name; list++) {
		CLEANUP(free) char *head = option_head(list);
		size_t width = strlen(head) + 2;

		if (shown(list) && width <= COLUMN_MAX && width > widest)
			widest = width;
	}
	return widest;
}

static bool add_options(
	struct buf *out, const char *title, const struct option *list, size_t column)
{
	bool any = false;

	for (; list && list->name; list++) {
		CLEANUP(free) char *head = NULL;
		CLEANUP(free) char *description = NULL;

		if (!shown(list))
			continue;
		head = option_head(list);
		description = option_description(list);
		if (!any && title)
			buf_printf(out, "\n%s:\n", title);
		any = true;
		buf_puts(out, head);
		if (strlen(head) + 2 > column)
			buf_putc(out, '\n');
		help_wrap(out, description, column);
	}
	return any;
}

static void help_options(
	struct buf *out, const char *title, const struct option *list, const struct option *more)
{
	size_t column = description_column(more, description_column(list, 0));

	if (add_options(out, title, list, column))
		title = NULL;
	add_options(out, title, more, column);
}

/* ---- verbs ---- */

void help_command(struct buf *out, const struct command *c)
{
	buf_printf(out, "usage: wherry %s [OPTION...]%s%s\n\n", c->name, *c->operands ? " " : "",
		c->operands);
	help_wrap(out, c->summary, 0);
	if (c->text) {
		buf_putc(out, '\n');
		help_wrap(out, c->text, 0);
	}
	help_options(out, "Options", c->options, c->more_options);
	help_options(out, "Global options", global_option_list, NULL);
}

void help_overview(struct buf *out, const char *group)
{
	size_t column = 0;

	buf_printf(out, "usage: wherry [OPTION...] %s%sVERB [ARGUMENT...]\n\n", group,
		*group ? " " : "");
	if (!*group)
		help_wrap(out,
			"Builds lean, immutable Linux systems out of OCI images: one YAML file in, a "
			"bootable image out.\n",
			0);
	buf_puts(out, *group ? "Verbs:\n" : "\nVerbs:\n");
	for (size_t i = 0; commands[i]; i++)
		if (command_in_group(commands[i], group) && strlen(commands[i]->name) > column)
			column = strlen(commands[i]->name);
	for (size_t i = 0; commands[i]; i++) {
		if (!command_in_group(commands[i], group))
			continue;
		buf_printf(out, "  %s", commands[i]->name);
		fill_to(out, column + 4);
		help_wrap(out, commands[i]->summary, column + 4);
	}
	help_options(out, "Options", global_option_list, NULL);
	buf_puts(out, "\n'wherry help VERB' tells all about one of them.\n");
}
