/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/called.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/process.h"
#include "base/str.h"
#include "cli/lookup.h"

#define OWN_NAME "wherry"

/* The longest verb that the text begins with, and how many bytes of it that is; NULL: none. */
static const struct command *find_verb(const char *text, size_t *ret_size)
{
	const struct command *found = NULL;

	*ret_size = 0;
	for (size_t i = 0; commands[i]; i++) {
		const char *after = str_after(text, commands[i]->name);
		size_t size = strlen(commands[i]->name);

		if (!after || isalnum((unsigned char)*after) || *after == '-' || size <= *ret_size)
			continue;
		found = commands[i];
		*ret_size = size;
	}
	return found;
}

/* Verbs that look into a cache, or at images of an architecture. */
static bool has_cache(const struct command *c)
{
	static const char *const others[] = {
		"help", "version", "login", "logout", "schema", "completion", "run qemu"};

	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		if (str_eq(c->name, others[i]))
			return false;
	return true;
}

static bool has_arch(const struct command *c)
{
	bool found = false;

	for (const struct option_group *g = c->options; !found && g && g->options; g++)
		found = option_find(g->options, "arch") != NULL;
	return found;
}

static void add_option(struct buf *out, const char *name, const char *value)
{
	CLEANUP(free) char *quoted = process_quote((const char *const[]){value, NULL});

	buf_printf(out, " --%s %s", name, quoted);
}

/* text: what follows the name. Returns where it goes on. */
static const char *add_command(struct buf *out, const struct called *c, const char *text)
{
	size_t size;
	const struct command *verb = find_verb(text + 1, &size);

	buf_puts(out, c->name);
	if (!verb)
		return text;
	buf_add(out, text, size + 1);
	text += size + 1;
	/* A synopsis. */
	if (str_after(text, " [OPTION"))
		return text;
	if (c->cache && has_cache(verb))
		add_option(out, "cache", c->cache);
	if (c->arch && has_arch(verb) && !strstr(text, "--arch"))
		add_option(out, "arch", c->arch);
	return text;
}

/* Is it the program's name, before a verb or an option, and not a word of a sentence? */
static bool is_command(const char *begin, const char *at)
{
	const char *after = at + strlen(OWN_NAME);
	size_t size;

	if (at > begin && (isalnum((unsigned char)at[-1]) || strchr("/._-", at[-1])))
		return false;
	return *after == ' ' && (after[1] == '[' || find_verb(after + 1, &size));
}

char *called_text(const struct called *c, const char *text)
{
	CLEANUP(buf) struct buf out = BUF_INIT(8 << 20);
	const char *from = text, *at;

	for (const char *p = text; (at = strstr(p, OWN_NAME)); p = at) {
		if (!is_command(text, at)) {
			at += strlen(OWN_NAME);
			continue;
		}
		buf_add(&out, from, (size_t)(at - from));
		at = from = add_command(&out, c, at + strlen(OWN_NAME));
	}
	buf_puts(&out, from);
	return buf_steal(&out);
}

static void replace(const struct called *c, char **text)
{
	char *old = *text;

	if (!old || !strstr(old, OWN_NAME))
		return;
	*text = called_text(c, old);
	free(old);
}

void called_error(const struct called *c, struct werr *err)
{
	for (; err; err = err->next) {
		replace(c, &err->message);
		replace(c, &err->hint);
	}
}

void called_help(const struct called *c, struct buf *text)
{
	static const char own[] = "~/.cache/wherry", linuxkits[] = "~/.linuxkit/cache";
	const struct called name_only = {.name = c->name};
	CLEANUP(free) char *all = called_text(&name_only, buf_str(text));
	const char *from = all, *at;

	buf_truncate(text, 0);
	for (; c->as_linuxkit && (at = strstr(from, own)); from = at + strlen(own)) {
		buf_add(text, from, (size_t)(at - from));
		buf_puts(text, linuxkits);
	}
	buf_puts(text, from);
}
