/* SPDX-License-Identifier: Apache-2.0 */
/* One client of the supervisor's sockets; control/control.c has the list of them. */
#ifndef WHERRY_GUEST_CONNECTION_H
#define WHERRY_GUEST_CONNECTION_H

#include <sys/types.h>

#include "base/buf.h"
#include "common/loop.h"
#include "common/passfd.h"
#include "client/request.h"
#include "life/containers.h"
#include "log/lines.h"

enum connection_protocol {
	CONNECTION_REQUESTS, /* one request per connection: client/request.h */
	CONNECTION_MEMLOG,   /* memlogd's: one byte is the query, lines are the answer */
	CONNECTION_PROTOCOLS
};

enum connection_step {
	CONNECTION_READS,   /* its request is not complete */
	CONNECTION_WAITS,   /* for `target` to reach a state */
	CONNECTION_LISTS,   /* the lines of a log that exist */
	CONNECTION_FOLLOWS, /* ... and those to come */
	CONNECTION_RUNS,    /* a program in a container */
	CONNECTION_WRITES,  /* the rest of the answer, and then it is over */
	CONNECTION_OVER
};

struct connection {
	struct containers *containers;
	struct loop_source source;
	enum connection_step step;
	enum connection_protocol protocol;
	struct buf in, out;
	size_t sent; /* bytes of out */
	struct request *request;
	struct container *target;
	struct lines lines;
	int fds[PASSFD_MAX]; /* stdin, stdout, stderr of the program to run */
	size_t n_fds;
	pid_t program; /* 0: none */
};

/* fd is taken over. */
struct connection *connection_new(
	struct containers *containers, int fd, enum connection_protocol protocol);
void connection_free(struct connection *c);
/* Continue what had to wait. */
void connection_serve(struct connection *c);
/* The program that it runs has ended. */
void connection_program_ended(struct connection *c, int status);

#endif
