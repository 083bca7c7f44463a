/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The verbs of the supervisor's client, and a command line as one of them. The client is `service`
 * in the machine, and `wherry attach NAME` outside: both parse, ask and show by this room, and
 * differ in their transport (client/client.h).
 */
#ifndef WHERRY_CLIENT_VERB_H
#define WHERRY_CLIENT_VERB_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "client/request.h"
#include "options/option.h"

struct client_call;

/* What is done with the answer. */
enum client_action {
	CLIENT_LIST,
	CLIENT_STATUS, /* without a name: the list */
	CLIENT_WAIT,   /* for the answer, which only says that it is done */
	CLIENT_LOGS,
	CLIENT_RUN, /* a program */
	CLIENT_TOP,
	CLIENT_BOOT,
	CLIENT_ACTIONS
};

struct client_verb {
	const char *name;
	enum request_verb request;
	enum client_action action;
	const char *operands; /* "NAME [ready|stopped]", "" for none */
	unsigned operands_min, operands_max;
	bool runs;                          /* what follows the name is a program's command line */
	const char *summary;                /* begins with a capital, no full stop */
	const char *text;                   /* paragraphs of help below the summary, or NULL */
	const struct option_group *options; /* of this verb alone; NULL: none */
};

/* In the order of the help; name NULL ends them. */
extern const struct client_verb client_verbs[];
/* The options of all of them. */
extern const struct option_group client_all_options[];

/* The values of the options. */
struct client_options {
	bool help, json, svg, follow, interactive, terminal;
	uint64_t timeout, lines; /* timeout: seconds, 0: none */
};

struct client_call {
	const struct client_verb *verb; /* NULL: only help is wanted */
	struct client_options options;
	struct request request;
};
void client_call_cleanup(struct client_call *c);

/*
 * Parse a command line. args: what follows the program's name, or the machine's; NULL ends them,
 * and they outlive the call. program is how hints call it: "service", "wherry attach db". With
 * options.help (also for "help" in place of a verb) client_help() is to be shown instead. *ret is
 * the caller's to clean up, also after a failure. WERR_USAGE.
 */
int client_parse(
	struct client_call *ret, const char *program, const char *const *args, struct werr **err);

/* The verbs; or usage, text and options of one. At most 80 columns wide. */
void client_help(struct buf *out, const char *program, const struct client_verb *verb);

#endif
