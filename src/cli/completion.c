/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/completion.h"

#include "base/mem.h"
#include "cli/completion-words.h"
#include "cli/lookup.h"
#include "client/verb.h"
#include "options/option-complete.h"

/* What is known from the words before the last one. */
struct state {
	struct context *ctx;
	struct buf words;              /* of the verb */
	const struct command *command; /* or NULL */
	const struct option *waiting;  /* the option whose value comes next, or NULL */
	size_t operands;               /* how many there are */
	bool also_given;               /* "qemu" after "run" */
	bool only_operands;            /* after "--" */
	const char *verb;              /* what follows "attach MACHINE", or NULL */
};

static const struct option *find_option(const struct state *s, const char *arg)
{
	const struct option_group *groups[] = {
		s->command ? s->command->options : NULL, global_options};
	const char *name = arg + strspn(arg, "-");
	const struct option *found = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(groups); i++)
		for (const struct option_group *g = groups[i]; g && g->options && !found; g++)
			found = option_find(g->options, name);
	return found;
}

/* The images that are offered are those of the cache that is named. */
static void take_value(struct state *s, const struct option *o, const char *value)
{
	if (str_eq(o->name, "cache"))
		s->ctx->global.cache = value;
}

static void take_option(struct state *s, const char *word)
{
	const char *equals = strchr(word, '=');
	CLEANUP(free) char *name = str_dup_n(word, equals ? (size_t)(equals - word) : strlen(word));
	const struct option *o = find_option(s, name);

	if (!o || !option_takes_value(o))
		return;
	if (equals)
		take_value(s, o, equals + 1);
	else if (o->kind != OPTION_LEVEL)
		s->waiting = o;
}

/* Whether it is the word that may follow the verb and changes nothing: "qemu" after "run". */
static bool is_also(const struct state *s, const char *word)
{
	return s->command->also && !s->also_given && !s->operands && str_eq(word, s->command->also);
}

static void take_word(struct state *s, const char *word, const char *next)
{
	if (s->waiting) {
		take_value(s, s->waiting, word);
		s->waiting = NULL;
	} else if (!s->only_operands && str_eq(word, "--")) {
		s->only_operands = true;
	} else if (!s->only_operands && option_like(word)) {
		take_option(s, word);
	} else if (!s->command) {
		buf_printf(&s->words, "%s%s", s->words.len ? " " : "", word);
		s->command = command_find_before(buf_str(&s->words), next);
	} else if (is_also(s, word)) {
		s->also_given = true;
	} else {
		s->operands++;
		s->verb = s->operands == 2 ? word : s->verb;
		s->only_operands |=
			s->command->words_after && s->operands >= s->command->words_after;
	}
}

/* What follows "attach MACHINE": the verbs of the supervisor's client, and their options. */
static void add_client_words(const struct state *s, struct buf *out, const char *typed)
{
	for (const struct client_verb *v = client_verbs; v->name; v++) {
		if (s->operands == 1)
			option_complete_word(out, typed, v->name, v->summary);
		else if (typed[0] == '-' && str_eq(v->name, s->verb))
			option_complete_names(out, typed, v->options);
	}
	if (typed[0] == '-')
		option_complete_names(out, typed, client_all_options);
}

/* The next words of the verbs of a group, each once. */
static void add_verbs(struct buf *out, const char *group, const char *typed)
{
	CLEANUP(strv) struct strv seen = {0};
	size_t skip = *group ? strlen(group) + 1 : 0;

	for (size_t i = 0; commands[i]; i++) {
		CLEANUP(free) char *first = NULL;
		const char *word;

		if (!command_in_group(commands[i], group))
			continue;
		word = commands[i]->name + skip;
		first = str_dup_n(word, strcspn(word, " "));
		if (!strv_has(&seen, first))
			option_complete_word(out, typed, first,
				str_eq(first, word) ? commands[i]->summary : NULL);
		strv_add(&seen, first);
	}
}

/* The word of the help for operand number n: "FILE" of "[FILE...]"; NULL: there is none. */
static char *operand_word(const struct command *c, size_t n)
{
	CLEANUP(strv) struct strv words = {0};
	char *word;

	strv_split(&words, c->operands, ' ');
	if (n >= words.n) {
		if (!str_ends_with(words.items[words.n - 1], "...") &&
			!str_ends_with(words.items[words.n - 1], "...]"))
			return NULL;
		n = words.n - 1;
	}
	word = words.items[n] + (*words.items[n] == '[');
	return str_dup_n(word, strcspn(word, ".]"));
}

/* What may follow a verb instead of an operand: "qemu", and "list" of "run list". */
static void add_next_words(const struct state *s, struct buf *out, const char *typed)
{
	const struct command *c = s->command;

	if (s->operands || s->also_given || s->only_operands)
		return;
	if (c->also)
		option_complete_word(out, typed, c->also, c->summary);
	add_verbs(out, c->name, typed);
}

static void add_operands(const struct state *s, struct buf *out, const char *typed)
{
	const struct command *c = s->command;
	CLEANUP(free) char *word = *c->operands ? operand_word(c, s->operands) : NULL;

	add_next_words(s, out, typed);
	if (!word)
		return;
	if (str_eq(word, "VERB"))
		add_verbs(out, "", typed);
	else if (str_eq(c->operands, "FILE..."))
		completion_word(s->ctx, out, "YAML", "", typed);
	else if (str_eq(word, "PATH") && str_after(c->name, "run"))
		completion_word(s->ctx, out, "OUTPUT", "", typed);
	else if (!str_eq(word, "PATH") || !str_after(c->operands, "WHAT")) /* not inside of it */
		completion_word(s->ctx, out, word, "", typed);
}

/* before: "--format=", when that is in the same word. */
static void add_values(const struct state *s, struct buf *out, const struct option *o,
	const char *before, const char *typed)
{
	const char *word = str_eq(o->name, "for") ? "YAML" : o->value;

	if (!option_complete_values(out, before, typed, o))
		completion_word(s->ctx, out, word, before, typed);
}

static void add_options(const struct state *s, struct buf *out, const char *typed)
{
	const char *equals = strchr(typed, '=');
	CLEANUP(free) char *before = str_dup_n(typed, equals ? (size_t)(equals - typed) + 1 : 0);
	CLEANUP(free) char *name = str_dup_n(before, equals ? strlen(before) - 1 : 0);
	const struct option *o = equals ? find_option(s, name) : NULL;

	if (equals && o && option_takes_value(o)) {
		add_values(s, out, o, before, equals + 1);
	} else if (!equals) {
		option_complete_names(out, typed, s->command ? s->command->options : NULL);
		option_complete_names(out, typed, global_options);
	}
}

void completion_candidates(struct context *ctx, struct buf *out, const char *const *words)
{
	struct state s = {.ctx = ctx, .words = BUF_INIT(1 << 16)};
	const char *typed = "";

	for (; *words; words++) {
		typed = *words;
		if (words[1])
			take_word(&s, typed, words[1]);
	}
	if (s.waiting)
		add_values(&s, out, s.waiting, "", typed);
	else if (!s.only_operands && typed[0] == '-')
		add_options(&s, out, typed);
	else if (s.command && s.command->words_after && s.operands >= s.command->words_after)
		add_client_words(&s, out, typed);
	else if (!s.command)
		add_verbs(out, buf_str(&s.words), typed);
	else
		add_operands(&s, out, typed);
	buf_clear(&s.words);
}
