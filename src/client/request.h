/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A request to the supervisor, by the program `service` for one: a JSON object on a line, as
 * described in docs/supervisor.md.
 */
#ifndef WHERRY_CLIENT_REQUEST_H
#define WHERRY_CLIENT_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/str.h"

enum {
	REQUEST_MAX = 16 * 1024,
	REQUEST_LINES_MAX = 1000000,
	REQUEST_ANSWER_MAX = 1 << 20, /* a line of an answer, and what is buffered for one client */
};

enum request_verb {
	REQUEST_LIST,
	REQUEST_BOOT,
	REQUEST_STATUS,
	REQUEST_START,
	REQUEST_STOP,
	REQUEST_RESTART,
	REQUEST_WAIT,
	REQUEST_LOGS,
	REQUEST_EXEC,
	REQUEST_DEBUG, /* exec of busybox, which need not be in the container */
	REQUEST_VERBS
};

struct request {
	enum request_verb verb;
	char *name;       /* of the container; logs: may be NULL, for all */
	char *state;      /* wait: "ready" or "stopped" */
	char *id;         /* contract/outside.h; or NULL */
	unsigned lines;   /* logs: how many of the last lines */
	bool follow;      /* logs: also the lines to come */
	bool terminal;    /* exec: on a terminal */
	struct strv argv; /* exec: the command */
};

/* Whether it runs a program, whose stdin, stdout and stderr come with the request. */
bool request_runs(enum request_verb verb);
/* text may end with a newline. */
int request_parse(const char *text, size_t size, struct request **ret, struct werr **err);
/* The line for a request, with its newline; owned by the caller. */
char *request_format(const struct request *r);
void request_free(struct request *r);
DEFINE_CLEANUP(struct request *, request_free, request)

#endif
