/* SPDX-License-Identifier: Apache-2.0 */
/* Starting a program without waiting for it, and describing how it ended. */
#ifndef WHERRY_GUEST_SPAWN_H
#define WHERRY_GUEST_SPAWN_H

#include <stddef.h>
#include <sys/types.h>

/*
 * Called in the new process, which executes its program only if `saw` has returned and the parent
 * is still alive. So what `saw` writes down always matches what runs. `saw` shares the parent's
 * memory but not its descriptors: those it opens are closed for the parent.
 */
struct spawn_witness {
	void (*saw)(void *ctx, pid_t pid);
	void *ctx;
};

struct spawn {
	const char *path;
	const char *const *argv;
	int in;          /* -1: /dev/null */
	int out;         /* -1: the parent's */
	int err;         /* -1: the same as out */
	int third;       /* becomes descriptor 3; -1: none */
	const int *keep; /* descriptors that stay open, with their numbers */
	size_t n_keep;
	const struct spawn_witness *witness; /* NULL: none */
	const char *root;                    /* chroot there first; NULL: don't */
	const char *terminal; /* becomes the controlling terminal and in, out and err; NULL: none */
};
#define SPAWN(path_, argv_) \
	((struct spawn){    \
		.path = (path_), .argv = (argv_), .in = -1, .out = -1, .err = -1, .third = -1})

/*
 * Start the program in a new session, with no signal blocked and an ordinary OOM score. Its process
 * ID, or -errno, also when it could not be executed.
 */
pid_t spawn_run(const struct spawn *s);
/* The usual case: stdout and stderr go to output; -1: the parent's. */
pid_t spawn(const char *path, const char *const *argv, int output);
/*
 * Write "exit code 3" or "signal 9 (Killed)" to dst, which is returned. status: from waitpid(); -1:
 * not known.
 */
const char *spawn_status(char *dst, size_t size, int status);

#endif
