/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The supervisor's way to the files in /var/log. A process of its own writes them
 * (log/filewriter.h): a disk may not answer for long, or never, and who waits for it can do nothing
 * else, and not be killed. That process gets its lines through a socket that holds a bounded
 * number of them. When the socket is full, the supervisor waits a second for room; if there is
 * none, lines are lost until most of what is in the socket has been written, and are counted: a
 * line of the file then says how many were lost.
 *
 * PID 1 keeps the socket (common/kept.h), so that the next supervisor goes on with the same
 * process, and the number of lost lines is kept in the ring. A process that has ended is started
 * again with the next line.
 */
#ifndef WHERRY_GUEST_FILEQUEUE_H
#define WHERRY_GUEST_FILEQUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/loop.h"

enum {
	FILEQUEUE_NAME_MAX = 256,       /* bytes of a name, with its NUL */
	FILEQUEUE_LINES_MAX = 3 * 1024, /* bytes of lines in a message */
	FILEQUEUE_ERROR_MAX = 256,
};

/* To the process: lines for a file. The message ends behind them. */
struct filequeue_message {
	uint32_t question; /* whether they have a file is to be answered; 0: it is not */
	char name[FILEQUEUE_NAME_MAX];
	char lines[FILEQUEUE_LINES_MAX];
};
struct filequeue_answer {
	uint32_t question;
	bool taken;
	char error[FILEQUEUE_ERROR_MAX]; /* if not: why; "": no files are wanted */
};

/* A file as the supervisor sees it: part of what its lines are of. */
struct filequeue_file {
	const char *name; /* it becomes /var/log/NAME.log */
	/* What came of filequeue_ask(). It may ask again, or add lines. */
	void (*answered)(struct filequeue_file *f, const struct filequeue_answer *a);
	void *ctx;         /* the owner's, as is: */
	bool open;         /* lines are to be added */
	uint32_t question; /* the last, if it has not been answered; 0: it has */
	uint32_t *lost; /* how many lines are, where that outlives us; NULL: there were none yet */
	struct filequeue_file *next;
};

struct filequeue {
	int loop, channel; /* of struct env */
	/* Start the process, which reads from `end`. Its number, or -errno. */
	int (*start)(int end);
	struct loop_source source; /* the socket; fd -1: there is no process */
	uint64_t started;          /* uptime_ms() */
	bool full;
	uint32_t questions; /* the number of the last */
	struct filequeue_file *files;
	/* Lines that are not on their way yet, all of one file. */
	struct filequeue_file *filling;
	unsigned n;
	size_t used; /* bytes of message.lines */
	struct filequeue_message message;
};

/* kept: what PID 1 kept. start: filewriter_start(), except in the tests. */
void filequeue_open(struct filequeue *q, int loop, int channel, char **kept, int (*start)(int end));
/*
 * Hand over what is left, let the process end, and wait for that a few seconds at most: it may
 * never.
 */
void filequeue_close(struct filequeue *q);

/*
 * f->name and f->answered are set, and f remains until it is removed. f->lost must be set before
 * lines are added.
 */
void filequeue_include(struct filequeue *q, struct filequeue_file *f);
void filequeue_remove(struct filequeue *q, struct filequeue_file *f);

/*
 * Have the process open the file, if files are wanted; f->answered() is called with what came of
 * it, unless the question is lost: f->question is 0 then.
 */
void filequeue_ask(struct filequeue *q, struct filequeue_file *f);
/*
 * Add a line of at most RING_LINE_MAX bytes without its newline, written at `ms` of uptime_ms().
 * It is on its way at the latest after filequeue_flush().
 */
void filequeue_add(
	struct filequeue *q, struct filequeue_file *f, uint64_t ms, const char *text, size_t size);
void filequeue_flush(struct filequeue *q);

#endif
