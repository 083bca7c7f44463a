/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The output of a container, or of a program that passed us a descriptor to read (LinuxKit's
 * logwrite), as lines. Each gets a time and goes to the ring, and from there to the console, a
 * file, syslog and `service logs`.
 */
#ifndef WHERRY_GUEST_STREAM_H
#define WHERRY_GUEST_STREAM_H

#include "common/env.h"
#include "common/loop.h"
#include "log/filequeue.h"
#include "log/ring.h"

struct stream {
	struct env *env;
	char *name;
	char *key;   /* under which PID 1 keeps the ring and the pipe: the container's ID; NULL: not
			kept */
	size_t size; /* of the ring */
	struct ring ring;          /* created for the first bytes */
	bool no_ring;              /* it could not be created, which has been reported */
	struct loop_source source; /* what is read from; fd -1: nothing */
	struct filequeue_file file;
	bool console;   /* show its lines on the console */
	uint64_t began; /* the cursor at which the container's present run began */
};

/* The stream is added to env->streams. */
struct stream *stream_new(struct env *env, const char *name, const char *key, size_t size);
void stream_free(struct stream *s);

/*
 * Read from fd, which is taken over, until its end. The lines from now on are those of the present
 * run.
 */
void stream_begin(struct stream *s, int fd);
/* Take over from an earlier supervisor: the ring and what is read from; -1: none. */
void stream_attach(struct stream *s, int ring, int fd);
/* Read what is left, log an unfinished line, and close the descriptor. */
void stream_end(struct stream *s);
/* Log bytes; a line ends with a newline. */
void stream_add(struct stream *s, const char *p, size_t size);
/* Log a line without its newline, of at most RING_LINE_MAX bytes, that was written then. */
void stream_add_line(struct stream *s, uint64_t ms, const char *text, size_t size);
/*
 * At most the last n lines of the present run as one text without control characters, "first /
 * second". Owned by the caller.
 */
char *stream_last(const struct stream *s, unsigned n);

#endif
