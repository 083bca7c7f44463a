/* SPDX-License-Identifier: Apache-2.0 */
/* The head of an HTTP request, which comes from anybody. */
#ifndef WHERRY_SERVE_REQUEST_H
#define WHERRY_SERVE_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

enum { SERVE_HEAD_MAX = 8192 };

struct serve_request {
	bool head;  /* only the answer's head is wanted */
	char *path; /* in the directory, "" is itself; owned */
};

/* Whether the head, which ends with an empty line, is complete. */
bool serve_head_complete(const char *text, size_t size);
/*
 * The request's first line; *ret is filled only when the result is 200. Else it is HTTP's number
 * for what is wrong: 400, 404, 405, 505.
 */
unsigned serve_request_parse(const char *text, size_t size, struct serve_request *ret);
void serve_request_cleanup(struct serve_request *r);

#endif
