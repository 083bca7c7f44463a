/* SPDX-License-Identifier: Apache-2.0 */
/* What the client `service` asks the supervisor: one JSON object on a line. docs/supervisor.md
 * describes it. */
#ifndef WHERRY_GUEST_REQUEST_H
#define WHERRY_GUEST_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/str.h"

enum {
	REQUEST_MAX = 16 * 1024,
	REQUEST_LINES_MAX = 1000000,
	REQUEST_ANSWER_MAX = 1 << 20, /* a line of an answer, or all that waits to be read */
};

enum request_verb {
	REQUEST_LIST,
	REQUEST_BOOT,
	REQUEST_START,
	REQUEST_STOP,
	REQUEST_RESTART,
	REQUEST_WAIT,
	REQUEST_LOGS,
	REQUEST_EXEC,
	REQUEST_VERBS
};

struct request {
	enum request_verb verb;
	char *name;       /* the container's; logs: may be NULL, for all */
	char *state;      /* wait: "ready" or "stopped" */
	unsigned lines;   /* logs: the last so many */
	bool follow;      /* logs: and those that come */
	bool terminal;    /* exec */
	struct strv argv; /* exec: the command */
};

/* text need not end with a newline. */
int request_parse(const char *text, size_t size, struct request **ret, struct werr **err);
/* The line for it, with its newline; owned by the caller. */
char *request_format(const struct request *r);
void request_free(struct request *r);
DEFINE_CLEANUP(struct request *, request_free, request)

#endif
