/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What somebody writes, line by line: a container, or a program that gave us a descriptor to read
 * (LinuxKit's logwrite). Each line is stamped, goes to the ring, and from there to whoever wants
 * it: the console, a file, syslog, `service logs`.
 */
#ifndef WHERRY_GUEST_STREAM_H
#define WHERRY_GUEST_STREAM_H

#include "common/env.h"
#include "common/loop.h"
#include "log/logfile.h"
#include "log/ring.h"

struct stream {
	struct env *env;
	char *name;
	char *key;   /* the ring's and the pipe's name where PID 1 keeps them: the container's id;
			NULL: not kept */
	size_t size; /* of the ring */
	struct ring ring;          /* made when the first bytes come */
	bool no_ring;              /* it could not be made, and that was said */
	struct loop_source source; /* what is read; fd -1: nothing */
	struct logfile file;
	bool console;   /* its lines are shown there too */
	uint64_t began; /* the cursor at which the present run of the container began */
};

/* In the list env->streams from now on. */
struct stream *stream_new(struct env *env, const char *name, const char *key, size_t size);
void stream_free(struct stream *s);

/* Read from fd, which is taken over, until its end; lines from now on are the present run's. */
void stream_begin(struct stream *s, int fd);
/* What PID 1 kept of an earlier supervisor's: the ring, and what is read. Taken over; -1: none. */
void stream_attach(struct stream *s, int ring, int fd);
/* Take what is there still, and the line that has no end; then let go. */
void stream_end(struct stream *s);
/* The bytes in front of the lines' ends are theirs. */
void stream_add(struct stream *s, const char *p, size_t size);
/* The last lines of the present run, at most n, as one text without control characters: "first /
 * second". Owned. */
char *stream_last(const struct stream *s, unsigned n);

#endif
