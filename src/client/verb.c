/* SPDX-License-Identifier: Apache-2.0 */
#include "client/verb.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/str.h"
#include "options/option-help.h"
#include "options/option-parse.h"
#include "options/wrap.h"

enum { WORDS_MAX = 10000, HELP_COLUMN = 12 };

/* ---- the tables ---- */

#define FIELD(field_) .offset = offsetof(struct client_options, field_)
static const struct option for_all[] = {
	{.name = "json", .kind = OPTION_FLAG, .help = "Print the answers as JSON", FIELD(json)},
	{.name = "help", .letter = 'h', .kind = OPTION_FLAG, .help = "Show this help", FIELD(help)},
	{0},
};
const struct option_group client_all_options[] = {{.options = for_all}, {0}};

static const struct option timeout_options[] = {
	{.name = "timeout",
		.kind = OPTION_NUMBER,
		.value = "SECONDS",
		.help = "Fail when it takes longer",
		FIELD(timeout)},
	{0},
};
static const struct option_group timeout_groups[] = {{.options = timeout_options}, {0}};

static const struct option log_options[] = {
	{.name = "follow",
		.letter = 'f',
		.kind = OPTION_FLAG,
		.help = "Go on with what is written from now on",
		FIELD(follow)},
	{.name = "lines",
		.letter = 'n',
		.kind = OPTION_NUMBER,
		.value = "N",
		.help = "Only the last N lines",
		FIELD(lines)},
	/* As docker's. */
	{.name = "tail", .kind = OPTION_NUMBER, .value = "N", .hidden = true, FIELD(lines)},
	{0},
};
static const struct option_group log_groups[] = {{.options = log_options}, {0}};

static const struct option boot_options[] = {
	{.name = "svg", .kind = OPTION_FLAG, .help = "Print a picture (SVG)", FIELD(svg)},
	{0},
};
static const struct option_group boot_groups[] = {{.options = boot_options}, {0}};

/* What docker needs to be told: here the program gets stdin, and a terminal where there is one. */
static const struct option run_options[] = {
	{.name = "interactive",
		.letter = 'i',
		.kind = OPTION_FLAG,
		.hidden = true,
		FIELD(interactive)},
	{.name = "tty", .letter = 't', .kind = OPTION_FLAG, .hidden = true, FIELD(terminal)},
	{0},
};
static const struct option_group run_groups[] = {{.options = run_options}, {0}};

const struct client_verb client_verbs[] = {
	{.name = "list",
		.request = REQUEST_LIST,
		.action = CLIENT_LIST,
		.operands = "",
		.summary = "List the containers, their states, and why they are in them"},
	{.name = "status",
		.request = REQUEST_STATUS,
		.action = CLIENT_STATUS,
		.operands = "[NAME]",
		.operands_max = 1,
		.summary = "Show all that is known of it: why it is in its state, how it ended, "
			   "what it wrote last, its health, restarts and limits"},
	{.name = "start",
		.request = REQUEST_START,
		.action = CLIENT_WAIT,
		.operands = "NAME",
		.operands_min = 1,
		.operands_max = 1,
		.summary = "Start it, and wait until it is ready",
		.options = timeout_groups},
	{.name = "stop",
		.request = REQUEST_STOP,
		.action = CLIENT_WAIT,
		.operands = "NAME",
		.operands_min = 1,
		.operands_max = 1,
		.summary = "Stop it, and wait until it has ended",
		.options = timeout_groups},
	{.name = "restart",
		.request = REQUEST_RESTART,
		.action = CLIENT_WAIT,
		.operands = "NAME",
		.operands_min = 1,
		.operands_max = 1,
		.summary = "Stop it and start it again",
		.options = timeout_groups},
	{.name = "wait",
		.request = REQUEST_WAIT,
		.action = CLIENT_WAIT,
		.operands = "NAME [ready|stopped]",
		.operands_min = 1,
		.operands_max = 2,
		.summary = "Wait until it is ready, or stopped",
		.options = timeout_groups},
	{.name = "logs",
		.request = REQUEST_LOGS,
		.action = CLIENT_LOGS,
		.operands = "[NAME]",
		.operands_max = 1,
		.summary = "Show its output; without a name, all output",
		.options = log_groups},
	{.name = "exec",
		.request = REQUEST_EXEC,
		.action = CLIENT_RUN,
		.operands = "NAME COMMAND...",
		.operands_min = 2,
		.operands_max = WORDS_MAX,
		.runs = true,
		.summary = "Run a command in it",
		.options = run_groups},
	{.name = "debug",
		.request = REQUEST_DEBUG,
		.action = CLIENT_RUN,
		.operands = "NAME [COMMAND...]",
		.operands_min = 1,
		.operands_max = WORDS_MAX,
		.runs = true,
		.summary = "Open a shell in it that it need not have, or run one of its programs",
		.text = "The shell is a busybox of the OS, or of another container's image. It has "
			"the container's files, processes, network and rights, as with `exec`, and "
			"nothing is written into the container. The container must be running.",
		.options = run_groups},
	{.name = "top",
		.request = REQUEST_LIST,
		.action = CLIENT_TOP,
		.operands = "",
		.summary = "Show what they use, renewed every two seconds"},
	{.name = "boot",
		.request = REQUEST_BOOT,
		.action = CLIENT_BOOT,
		.operands = "",
		.summary = "Show how long each step of the boot took",
		.options = boot_groups},
	{0},
};

/* ---- parsing ---- */

void client_call_cleanup(struct client_call *c)
{
	free(c->request.name);
	free(c->request.state);
	strv_clear(&c->request.argv);
	*c = (struct client_call){0};
}

static const struct client_verb *find_verb(const char *name)
{
	for (const struct client_verb *v = client_verbs; v->name; v++)
		if (str_eq(v->name, name))
			return v;
	return NULL;
}

static int unknown_verb(const char *program, const char *word, const char *next, struct werr **err)
{
	const char *names[32] = {0}, *near;
	size_t n = 0;

	for (const struct client_verb *v = client_verbs; v->name && n + 1 < ARRAY_SIZE(names); v++)
		names[n++] = v->name;
	near = str_nearest(word, names);
	if (next && find_verb(next)) {
		werr_set(err, WERR_USAGE, "unknown verb '%s'", word);
		werr_hint(err, "the verb comes first: %s %s %s", program, next, word);
		return werr_code(WERR_USAGE);
	}
	if (near)
		return werr_set(
			err, WERR_USAGE, "unknown verb '%s'; did you mean '%s'?", word, near);
	werr_set(err, WERR_USAGE, "unknown verb '%s'", word);
	werr_hint(err, "'%s --help' lists them", program);
	return werr_code(WERR_USAGE);
}

/* A command line while it is parsed. */
struct line {
	struct client_call *call;
	const char *program;
	struct option_sets sets;
	bool asks_help; /* "help" was in place of a verb */
	size_t n;       /* operands */
};

static int take_verb(struct line *l, const char *word, const char *next, struct werr **err)
{
	if (str_eq(word, "help") && !l->asks_help) {
		l->asks_help = true;
		return 0;
	}
	l->call->verb = find_verb(word);
	if (!l->call->verb)
		return unknown_verb(l->program, word, next, err);
	option_sets_add(&l->sets, l->call->verb->options, &l->call->options);
	return 0;
}

static int usage(const struct line *l, struct werr **err)
{
	const struct client_verb *v = l->call->verb;

	werr_hint(
		err, "usage: %s %s%s%s", l->program, v->name, *v->operands ? " " : "", v->operands);
	return werr_code(WERR_USAGE);
}

static int take_operand(struct line *l, const char *word, struct werr **err)
{
	struct request *r = &l->call->request;
	const struct client_verb *v = l->call->verb;

	if (l->n >= v->operands_max) {
		werr_set(err, WERR_USAGE,
			v->operands_max ? "'%s' takes no '%s' besides"
					: "'%s' takes no operands, so no '%s'",
			v->name, word);
		return usage(l, err);
	}
	if (l->n == 0)
		r->name = str_dup(word);
	else if (v->runs)
		strv_add(&r->argv, word);
	else if (str_eq(word, "ready") || str_eq(word, "stopped"))
		r->state = str_dup(word);
	else
		return werr_set(
			err, WERR_USAGE, "'%s' is no state to wait for: ready or stopped", word);
	l->n++;
	return 0;
}

static int take_all(struct line *l, const char *const *args, struct werr **err)
{
	bool ended = false;
	int r = 0;

	for (size_t i = 0; r == 0 && args[i]; i++) {
		const struct client_verb *v = l->call->verb;
		/* The options of a program are its own. */
		bool words = ended || (v && v->runs && l->n > 0);

		if (!words && str_eq(args[i], "--"))
			ended = true;
		else if (!words && option_like(args[i]))
			r = option_sets_take(&l->sets, args, &i, err);
		else if (!v)
			r = take_verb(l, args[i], args[i + 1], err);
		else
			r = take_operand(l, args[i], err);
		if (i > WORDS_MAX)
			return werr_set(err, WERR_USAGE, "more than %d words", WORDS_MAX);
	}
	return r;
}

static int check(struct line *l, struct werr **err)
{
	const struct client_options *o = &l->call->options;
	struct request *q = &l->call->request;

	if (!l->call->verb) {
		werr_set(err, WERR_USAGE, "there is no verb");
		werr_hint(err, "'%s --help' lists them", l->program);
		return werr_code(WERR_USAGE);
	}
	if (l->n < l->call->verb->operands_min) {
		werr_set(err, WERR_USAGE, "'%s' needs %s", l->call->verb->name,
			l->n ? "a command" : "the name of a container");
		return usage(l, err);
	}
	if (o->lines > REQUEST_LINES_MAX)
		return werr_set(err, WERR_USAGE, "option --lines is at most %d", REQUEST_LINES_MAX);
	if (o->timeout > INT32_MAX / 1000)
		return werr_set(
			err, WERR_USAGE, "option --timeout is at most %d", INT32_MAX / 1000);
	q->verb = l->call->verb->request;
	if (q->verb == REQUEST_STATUS && !q->name)
		q->verb = REQUEST_LIST;
	q->lines = (unsigned)o->lines;
	q->follow = o->follow;
	return 0;
}

int client_parse(
	struct client_call *ret, const char *program, const char *const *args, struct werr **err)
{
	struct line l = {.call = ret, .program = program};
	int r;

	*ret = (struct client_call){.options.lines = REQUEST_LINES_MAX};
	option_sets_add(&l.sets, client_all_options, &ret->options);
	r = take_all(&l, args, err);
	ret->options.help = ret->options.help || l.asks_help;
	if (r == 0 && !ret->options.help)
		r = option_sets_finish(&l.sets, err);
	if (r == 0 && !ret->options.help)
		r = check(&l, err);
	option_sets_cleanup(&l.sets);
	return r;
}

/* ---- help ---- */

static void help_of_all(struct buf *out, const char *program)
{
	buf_printf(out, "usage: %s VERB [OPTION...] [NAME]\n\nVerbs:\n", program);
	for (const struct client_verb *v = client_verbs; v->name; v++) {
		buf_printf(out, "  %s", v->name);
		wrap_add(out, v->summary, HELP_COLUMN);
	}
	option_help(out, "Options", client_all_options);
	buf_printf(out, "\n'%s VERB --help' describes one of them in full.\n", program);
}

void client_help(struct buf *out, const char *program, const struct client_verb *v)
{
	if (!v) {
		help_of_all(out, program);
		return;
	}
	buf_printf(out, "usage: %s %s [OPTION...]%s%s\n\n", program, v->name,
		*v->operands ? " " : "", v->operands);
	wrap_add(out, v->summary, 0);
	if (v->text) {
		buf_putc(out, '\n');
		wrap_add(out, v->text, 0);
	}
	option_help(out, "Options", v->options);
	option_help(out, v->options ? "Options of all verbs" : "Options", client_all_options);
}
