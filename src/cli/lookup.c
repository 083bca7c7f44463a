/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/lookup.h"

#include <string.h>

#include "base/mem.h"
#include "cli/other-words.h"

#define PLATFORM                                                                              \
	"run the outputs here with `wherry run NAME`, and elsewhere with the platform's own " \
	"tools; a file of this name is ./NAME"

/* LinuxKit's verbs that do not exist, and what to do instead. */
static const struct {
	const char *name, *hint;
} absent_verbs[] = {
	{"pkg builder",
		"there is no BuildKit to look after: `wherry pkg build` needs no builder, and "
		"`wherry cache du` shows what the cache holds"},
	{"push", "upload the outputs with the platform's own tools; images go to registries with "
		 "`wherry cache push` and `wherry pkg push`"},
	{"run aws", PLATFORM},
	{"run azure", PLATFORM},
	{"run equinixmetal", PLATFORM},
	{"run gcp", PLATFORM},
	{"run hyperkit", PLATFORM},
	{"run hyperv", PLATFORM},
	{"run openstack", PLATFORM},
	{"run packet", PLATFORM},
	{"run scaleway", PLATFORM},
	{"run vbox", PLATFORM},
	{"run vcenter", PLATFORM},
	{"run virtualization", PLATFORM},
	{"run vmware", PLATFORM},
};

static bool is_name_of(const struct command *c, const char *name)
{
	const char *rest = str_after(name, c->name);

	if (c->alias && str_eq(name, c->alias))
		return true;
	return rest && (!*rest || (c->also && *rest == ' ' && str_eq(rest + 1, c->also)));
}

const struct command *command_find(const char *name)
{
	for (size_t i = 0; commands[i]; i++)
		if (is_name_of(commands[i], name))
			return commands[i];
	return NULL;
}

const struct command *command_find_before(const char *name, const char *next)
{
	CLEANUP(free) char *more = next ? str_printf("%s %s", name, next) : NULL;
	const struct command *c = command_find(name), *longer = more ? command_find(more) : NULL;

	return longer && longer != c ? NULL : c;
}

/* Whether a verb that LinuxKit has is refused; *err then says so. */
static bool is_absent(const char *name, struct werr **err)
{
	for (size_t i = 0; i < ARRAY_SIZE(absent_verbs); i++) {
		if (!str_eq(absent_verbs[i].name, name))
			continue;
		werr_set(err, WERR_USAGE, "'%s' is not supported%s", name,
			absent_verbs[i].hint ? "" : " yet");
		if (absent_verbs[i].hint)
			werr_hint(err, "%s", absent_verbs[i].hint);
		return true;
	}
	return false;
}

bool command_in_group(const struct command *c, const char *group)
{
	const char *rest = str_after(c->name, group);

	return !c->hidden && (!*group || (rest && *rest == ' '));
}

bool command_is_group(const char *name)
{
	for (size_t i = 0; commands[i]; i++)
		if (command_in_group(commands[i], name))
			return true;
	return false;
}

/* Where the last word of a verb begins: 6 for "cache ls". */
static size_t last_word(const char *name)
{
	const char *space = strrchr(name, ' ');

	return space ? (size_t)(space - name) + 1 : 0;
}

/* "cache pull" for "pull"; NULL: no group has such a verb. */
static const char *verb_of_a_group(const char *word)
{
	for (size_t i = 0; commands[i]; i++)
		if (str_eq(commands[i]->name + last_word(commands[i]->name), word))
			return commands[i]->name;
	return NULL;
}

static int unknown_verb(const char *name, const char *hint, struct werr **err)
{
	werr_set(err, WERR_USAGE, "unknown verb '%s'", name);
	werr_hint(err, "%s", hint);
	return werr_code(WERR_USAGE);
}

int command_unknown(const char *name, struct werr **err)
{
	CLEANUP(free) char *group = str_dup_n(name, last_word(name) ? last_word(name) - 1 : 0);
	CLEANUP(strv) struct strv known = {0};
	const char *near;

	if (is_absent(name, err))
		return werr_code(WERR_USAGE);
	for (size_t i = 0; commands[i]; i++) {
		const char *word;

		if (!command_in_group(commands[i], group))
			continue;
		word = commands[i]->name + last_word(name);
		strv_take(&known, str_dup_n(word, strcspn(word, " ")));
	}
	if (other_words_hint(name))
		return unknown_verb(name, other_words_hint(name), err);
	near = verb_of_a_group(name);
	if (near)
		return werr_set(
			err, WERR_USAGE, "unknown verb '%s'; did you mean '%s'?", name, near);
	near = known.n ? str_nearest(name + last_word(name), (const char *const *)known.items)
		       : NULL;
	if (near)
		return werr_set(err, WERR_USAGE, "unknown verb '%s'; did you mean '%s%s%s'?", name,
			group, *group ? " " : "", near);
	werr_set(err, WERR_USAGE, "unknown verb '%s'", name);
	werr_hint(err, "'wherry help%s%s' lists them", *group ? " " : "", group);
	return werr_code(WERR_USAGE);
}

/* The options of the verb count from here on, also those that came before its last word. */
static int set_command(struct command_line *l, const struct command *c, struct werr **err)
{
	int r = 0;

	l->command = c;
	l->values = mem_alloc(c->size + 1);
	option_sets_add(&l->sets, c->options, l->values);
	for (size_t i = 0; r == 0 && i < l->n_early; i++)
		r = option_sets_take(&l->sets, l->early, &i, err);
	return r;
}

/* The next word of the verb. */
static int take_word(struct command_line *l, const char *word, const char *next, struct werr **err)
{
	CLEANUP(free) char *name = str_printf("%s%s%s", l->words, *l->words ? " " : "", word);
	const struct command *c = command_find_before(name, next);

	if (!c && !command_is_group(name))
		return command_unknown(name, err);
	str_replace(&l->words, name);
	return c && c != l->command ? set_command(l, c, err) : 0;
}

/*
 * "pkg --org me build": an option that some verb of the group has. Whether it takes a value shows
 * where the verb goes on.
 */
static const struct option *find_early(const struct command_line *l, const char *arg)
{
	const char *text = arg + (arg[1] == '-' ? 2 : 1);
	CLEANUP(free) char *name = str_dup_n(text, strcspn(text, "="));
	const struct option *o = NULL;

	if (l->command || !*l->words || option_find(global_options->options, name))
		return NULL;
	for (size_t i = 0; !o && commands[i]; i++)
		if (command_in_group(commands[i], l->words))
			for (const struct option_group *g = commands[i]->options;
				!o && g && g->options; g++)
				o = option_find(g->options, name);
	return o;
}

static int take_option(
	struct command_line *l, const char *const *args, size_t *at, struct werr **err)
{
	const struct option *o = find_early(l, args[*at]);

	if (!o)
		return option_sets_take(&l->sets, args, at, err);
	if (o->kind == OPTION_ABSENT)
		return option_absent(o, err);
	l->early[l->n_early++] = args[*at];
	if (option_takes_value(o) && !strchr(args[*at], '=') && args[*at + 1]) {
		*at += 1;
		l->early[l->n_early++] = args[*at];
	}
	return 0;
}

/* What follows a verb: its last word, as "qemu" does in "run --mem 512 qemu os", or an operand. */
static int take_operand(struct command_line *l, const char *word, struct werr **err)
{
	CLEANUP(free) char *name = str_printf("%s %s", l->words, word);

	if (!l->n_operands && command_find(name) == l->command)
		return take_word(l, word, NULL, err);
	if (!l->n_operands && is_absent(name, err))
		return werr_code(WERR_USAGE);
	l->operands[l->n_operands++] = word;
	return 0;
}

static int take_all(struct command_line *l, const char *const *args, struct werr **err)
{
	bool options_ended = false;

	for (size_t i = 0; args[i]; i++) {
		int r = 0;

		if (!options_ended && str_eq(args[i], "--"))
			options_ended = true;
		else if (!options_ended && option_like(args[i]))
			r = take_option(l, args, &i, err);
		else if (!l->command)
			r = take_word(l, args[i], args[i + 1], err);
		else if (!options_ended)
			r = take_operand(l, args[i], err);
		else
			l->operands[l->n_operands++] = args[i];
		if (r < 0)
			return r;
		if (l->command && l->command->words_after &&
			l->n_operands >= l->command->words_after)
			options_ended = true;
	}
	return 0;
}

/* --version is for those who expect it of every program; here it is a verb. */
static int take_version(struct command_line *l, struct werr **err)
{
	if (!*l->words)
		return take_word(l, "version", NULL, err);
	if (l->command && str_eq(l->command->name, "version"))
		return 0;
	werr_set(err, WERR_USAGE, "--version is not an option of the verb '%s'", l->words);
	werr_hint(err, "show it with: wherry version");
	return werr_code(WERR_USAGE);
}

int command_line_parse(const char *const *args, struct global_options *global,
	struct command_line *ret, struct werr **err)
{
	CLEANUP(command_line) struct command_line l = {.words = str_dup("")};
	size_t n = 0;
	int r;

	while (args[n])
		n++;
	l.operands = mem_new_array(const char *, n + 1);
	l.early = mem_new_array(const char *, n + 1);
	option_sets_add(&l.sets, global_options, global);
	r = take_all(&l, args, err);
	if (r == 0 && global->version && !global->help)
		r = take_version(&l, err);
	if (r == 0)
		r = option_sets_finish(&l.sets, err);
	if (r < 0) {
		if (l.command)
			werr_hint(err, "'wherry help %s' lists the options", l.command->name);
		return r;
	}
	*ret = l;
	l = (struct command_line){0};
	return 0;
}

int command_line_check(const struct command_line *l, struct werr **err)
{
	const struct command *c = l->command;

	if (l->n_operands >= c->operands_min && l->n_operands <= c->operands_max)
		return 0;
	if (l->n_operands < c->operands_min)
		werr_set(err, WERR_USAGE, "%s needs %s", c->name, c->operands);
	else if (c->operands_max == 0)
		werr_set(err, WERR_USAGE, "%s takes no operands, but '%s' was given", c->name,
			l->operands[0]);
	else
		werr_set(err, WERR_USAGE, "%s takes only %s, but '%s' was given as well", c->name,
			c->operands, l->operands[c->operands_max]);
	werr_hint(err, "usage: wherry %s [OPTION...]%s%s", c->name, *c->operands ? " " : "",
		c->operands);
	return werr_code(WERR_USAGE);
}

void command_line_cleanup(struct command_line *l)
{
	option_sets_cleanup(&l->sets);
	free(l->values);
	free(l->operands);
	free(l->early);
	free(l->words);
}
