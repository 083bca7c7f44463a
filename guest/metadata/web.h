/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTTP/1.1 (RFC 9112) over IPv4 and without TLS, for metadata services: one request on a connection
 * of its own, in a limited time, whatever the server does. Redirections are not followed.
 */
#ifndef WHERRY_GUEST_WEB_H
#define WHERRY_GUEST_WEB_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"

enum {
	WEB_HEAD_MAX = 16 << 10,
	WEB_BODY_MAX = 1 << 20,
	WEB_CONNECT_MS = 2000,
	WEB_TOTAL_MS = 5000, /* all of a request, its connection included */
};

struct web_request {
	const char *host;   /* for the line Host; looked up when address is 0 */
	uint32_t address;   /* IPv4; 127.0.0.1 is 0x7f000001 */
	uint16_t port;      /* 0: 80 */
	bool privileged;    /* come from a port below 1024, which only root can have */
	const char *method; /* NULL: GET */
	const char *path;   /* begins with a slash */
	const char *lines;  /* more lines of the head, each with its "\r\n"; NULL: none */
	const char *body;   /* NULL: none */
};

struct web_answer {
	unsigned status;
	char *head; /* its lines, without the first, separated by "\n" */
	char *body; /* NUL-terminated */
	size_t size;
};
void web_answer_cleanup(struct web_answer *a);
/* Does the answer have this line? The name's letters may be large or small. */
bool web_has_line(const struct web_answer *a, const char *name, const char *value);

/* How far an answer has been read; begins as WEB_PARSER(), and is for one answer. */
struct web_parser {
	struct buf lines, body; /* as in web_answer */
	size_t at, searched; /* bytes that are done with, and those without a further line feed */
	uint64_t length;     /* of the body, or of the chunk */
	size_t trailer;      /* where the lines after the last chunk begin */
	unsigned status;
	bool chunked, has_length;
	unsigned char step;
};
#define WEB_PARSER() \
	((struct web_parser){.lines = BUF_INIT(WEB_HEAD_MAX), .body = BUF_INIT(WEB_BODY_MAX)})
void web_parser_cleanup(struct web_parser *p);
/*
 * Go on with an answer. bytes: all that have come, those of the calls before among them; ended: the
 * server has closed the connection. 1: *ret is the answer; 0: more bytes are needed. WERR_CORRUPT;
 * WERR_LIMIT for a body beyond WEB_BODY_MAX. The result does not depend on how many calls it took,
 * which take time for all bytes together as one call would.
 */
int web_parse(struct web_parser *p, const char *bytes, size_t size, bool ended,
	struct web_answer *ret, struct werr **err);
/*
 * Ask, in at most limit_ms. Whether the answer is a good one, its status says. Without an answer:
 * -ENETUNREACH while there is no way to that address, WERR_TIMEOUT, what connect(2) and recv(2)
 * return, and the errors of web_parse().
 */
int web_ask(
	const struct web_request *q, unsigned limit_ms, struct web_answer *ret, struct werr **err);
/* The first IPv4 address of a name, as resolv.conf(5) and hosts(5) have it. WERR_NOT_FOUND,
 * WERR_TIMEOUT. */
int web_find(const char *host, unsigned limit_ms, uint32_t *ret, struct werr **err);

#endif
