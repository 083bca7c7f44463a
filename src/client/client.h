/* SPDX-License-Identifier: Apache-2.0 */
/* Asking a supervisor, and showing what it answers: client/verb.h has the command lines. */
#ifndef WHERRY_CLIENT_CLIENT_H
#define WHERRY_CLIENT_CLIENT_H

#include "client/verb.h"
#include "data/node.h"

/* The way to the supervisor: its socket, or a port of the machine. */
struct client_transport {
	/*
	 * Begin a request. What is left of an earlier one's answer is of no interest any more: its
	 * lines must not come from next().
	 */
	int (*ask)(struct client_transport *t, const struct request *r, struct werr **err);
	/*
	 * Wait for the next line of the answer: *ret is it without its newline, valid until the
	 * next call, or NULL at the end of the answer. left: ms, -1: without limit; 0 asks only
	 * whether there is one. WERR_TIMEOUT when that has passed.
	 */
	int (*next)(struct client_transport *t, int left, const char **ret, struct werr **err);
	/*
	 * Have a program run with stdin, stdout and stderr of this process, and on a terminal of
	 * its own when stdin and stdout are one. *ret_code: its exit code, or 128 and the number of
	 * the signal that ended it. NULL: that is not possible this way.
	 */
	int (*run)(struct client_transport *t, struct request *r, int *ret_code, struct werr **err);
};

/*
 * Do what was parsed, which is not help. Answers go to the descriptor `out`; on a terminal, what it
 * would act on is escaped. *ret_code: the program's for verbs that run one, otherwise 0. An answer
 * that is an error becomes WERR_FAILED. -EPIPE comes without an error: the reader has gone.
 */
int client_run(struct client_call *c, struct client_transport *t, int out, int *ret_code,
	struct werr **err);

/*
 * For transports: a line of an answer as nodes. WERR_FAILED with what it says when it is an error,
 * WERR_CORRUPT when it is not JSON.
 */
int client_read(const char *line, struct document **ret, struct werr **err);
/*
 * The next line of an answer in the same way, for which `left` is as for next(). The end of the
 * answer is WERR_FAILED. *ret_line: the line, as next() returns it; NULL: it is not needed.
 */
int client_answer(struct client_transport *t, int left, struct document **ret,
	const char **ret_line, struct werr **err);

#endif
