/* SPDX-License-Identifier: Apache-2.0 */
/* One client of the supervisor's socket; service/control.c has the list of them. */
#ifndef WHERRY_GUEST_CONNECTION_H
#define WHERRY_GUEST_CONNECTION_H

#include <sys/types.h>

#include "base/buf.h"
#include "common/loop.h"
#include "common/passfd.h"
#include "control/request.h"
#include "life/containers.h"
#include "log/lines.h"

enum connection_protocol {
	CONNECTION_REQUESTS, /* one request a connection: control/request.h */
	CONNECTION_MEMLOG,   /* memlogd's queries: one byte asks, lines answer */
	CONNECTION_PROTOCOLS
};

enum connection_step {
	CONNECTION_READS,   /* the request is still to come */
	CONNECTION_WAITS,   /* for a state of `target` */
	CONNECTION_LISTS,   /* lines of a log, as far as they go */
	CONNECTION_FOLLOWS, /* ... and as they come */
	CONNECTION_RUNS,    /* a program in a container */
	CONNECTION_WRITES,  /* what is left of the answer; then it is over */
	CONNECTION_OVER
};

struct connection {
	struct containers *containers;
	struct loop_source source;
	enum connection_step step;
	enum connection_protocol protocol;
	struct buf in, out;
	size_t sent; /* of out */
	struct request *request;
	struct container *target;
	struct lines lines;
	int fds[PASSFD_MAX]; /* stdin, stdout, stderr of what is to be run */
	size_t n_fds;
	pid_t program; /* 0: none */
};

/* fd is taken over. */
struct connection *connection_new(
	struct containers *containers, int fd, enum connection_protocol protocol);
void connection_free(struct connection *c);
/* Go on with what had to wait. */
void connection_serve(struct connection *c);
/* The program that it ran ended. */
void connection_program_ended(struct connection *c, int status);

#endif
