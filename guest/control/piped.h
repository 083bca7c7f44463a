/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stdin, stdout and stderr of a program that runs for somebody outside, who sends and gets frames
 * (contract/outside.h): pipes, or a terminal. Input waits here until the program takes it; output
 * waits in the program's pipe.
 */
#ifndef WHERRY_GUEST_PIPED_H
#define WHERRY_GUEST_PIPED_H

#include "base/buf.h"
#include "common/loop.h"
#include "contract/outside.h"

struct piped {
	int loop;
	struct buf *to;                 /* where frames are added */
	void (*added)(struct piped *p); /* called after that; when it was written: piped_go_on() */
	bool open, terminal;
	struct loop_source in;     /* -1: the program's input has ended */
	struct loop_source out[2]; /* with a terminal only the first; -1: it has ended */
	struct buf input;          /* that the program has not taken */
	size_t sent;               /* bytes of input */
	bool ends;                 /* after that */
	uint64_t untold;           /* bytes taken, of which nobody was told */
};

/* No program; to and added are set by the caller. */
void piped_init(struct piped *p, int loop, struct buf *to, void (*added)(struct piped *p));
/* Make them; *theirs are for the program, and owned by the caller. 0 or -errno. */
int piped_open(struct piped *p, bool terminal, int theirs[static 3]);
/* A frame came. False: it is input for which there was no room. */
bool piped_take(struct piped *p, const struct outside_frame *f);
/* What was added has been written. */
void piped_go_on(struct piped *p);
/* Add the output that there is, after the program has ended. */
void piped_drain(struct piped *p);
void piped_close(struct piped *p);

#endif
