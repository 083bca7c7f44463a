/* SPDX-License-Identifier: Apache-2.0 */
/* A server on a port of this machine, which answers each request with the bytes that the test
 * gives. */
#ifndef WHERRY_TESTS_UNIT_NET_FIXTURE_H
#define WHERRY_TESTS_UNIT_NET_FIXTURE_H

#include "check.h"

#include <pthread.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/str.h"
#include "net/http.h"
#include "net/net.h"

/* The bytes of an answer; the connection is closed after it. */
#define ANSWER(status_, fields_, body_) \
	"HTTP/1.1 " status_ "\r\n" fields_ "Connection: close\r\n\r\n" body_

/* A larger one is answered before it is read. */
enum { FIXTURE_BODY_MAX = 4096 };

struct server {
	int fd;
	unsigned port;
	pthread_t thread;
	const char *const *answers; /* one for each connection; NULL ends them */
	struct strv requests; /* what was asked, with a body of up to FIXTURE_BODY_MAX bytes */
	char *base;           /* "http://127.0.0.1:PORT" */
};

struct server *server_start(const char *const *answers);
/* After this, requests holds them all. */
void server_stop(struct server *s);
void server_free(struct server *s);
DEFINE_CLEANUP(struct server *, server_free, server)

struct net *fixture_net(void);

#endif
