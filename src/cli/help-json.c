/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/help-json.h"

#include "base/str.h"
#include "cli/lookup.h"
#include "data/json.h"

static void add_option(struct json_writer *w, const struct option *o)
{
	const char *const *choices = o->choices ? o->choices() : NULL;

	json_open_object(w);
	json_key_string(w, "name", o->name);
	if (o->letter)
		json_key_string(w, "letter", (const char[]){o->letter, '\0'});
	json_key_string_opt(w, "value", o->value);
	json_key_string(w, "help", o->help);
	json_key_string_opt(w, "default", o->fallback);
	json_key_bool(w, "repeatable", o->kind == OPTION_LIST || o->kind == OPTION_REPEAT);
	if (choices) {
		json_key(w, "choices");
		json_open_array(w);
		for (; *choices; choices++)
			json_string(w, *choices);
		json_close_array(w);
	}
	json_close_object(w);
}

static void add_options(struct json_writer *w, const struct option_group *groups)
{
	json_key(w, "options");
	json_open_array(w);
	for (const struct option_group *g = groups; g && g->options; g++)
		for (const struct option *o = g->options; o->name; o++)
			if (o->kind != OPTION_ABSENT && !o->hidden && !g->hidden)
				add_option(w, o);
	json_close_array(w);
}

void help_json_command(struct buf *out, const struct command *c)
{
	struct json_writer w = JSON_WRITER_SHOWN(out);

	json_open_object(&w);
	json_key_string(&w, "verb", c->name);
	json_key_string(&w, "summary", c->summary);
	json_key_string(&w, "operands", c->operands);
	json_key_string_opt(&w, "text", c->text);
	add_options(&w, c->options);
	json_close_object(&w);
	buf_putc(out, '\n');
}

void help_json_group(struct buf *out, const char *group)
{
	if (!*group) {
		struct json_writer w = JSON_WRITER_SHOWN(out);

		json_open_object(&w);
		add_options(&w, global_options);
		json_close_object(&w);
		buf_putc(out, '\n');
	}
	for (size_t i = 0; commands[i]; i++)
		if (command_in_group(commands[i], group))
			help_json_command(out, commands[i]);
}
