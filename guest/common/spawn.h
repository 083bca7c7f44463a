/* SPDX-License-Identifier: Apache-2.0 */
/* Start a program and do not wait for it; and how it ended, in words. */
#ifndef WHERRY_GUEST_SPAWN_H
#define WHERRY_GUEST_SPAWN_H

#include <stddef.h>
#include <sys/types.h>

/*
 * Is told of the process, by the process itself, which begins its program only when `saw` has
 * returned and we are alive: so what is written down there and what runs are the same. `saw` has
 * our memory, but descriptors of its own: what it opens is closed for us.
 */
struct spawn_witness {
	void (*saw)(void *ctx, pid_t pid);
	void *ctx;
};

struct spawn {
	const char *path;
	const char *const *argv;
	int in;          /* -1: /dev/null */
	int out;         /* -1: ours */
	int err;         /* -1: where out goes */
	const int *keep; /* descriptors that stay open, under their numbers */
	size_t n_keep;
	const struct spawn_witness *witness; /* NULL: nobody */
	const char *root;                    /* change the root there first; NULL: don't */
	const char
		*terminal; /* becomes its controlling terminal, and in, out and err; NULL: none */
};
#define SPAWN(path_, argv_) \
	((struct spawn){.path = (path_), .argv = (argv_), .in = -1, .out = -1, .err = -1})

/*
 * Start the program, in a session of its own, with no signal blocked, and to be killed as others
 * are when memory is short. Returns its process id or -errno (also when it could not be executed).
 */
pid_t spawn_run(const struct spawn *s);
/* The same with what is usual: its stdout and stderr are output; -1: ours. */
pid_t spawn(const char *path, const char *const *argv, int output);
/* "exit code 3", "signal 9 (Killed)" into dst; returns dst. status is waitpid's; -1: not known. */
const char *spawn_status(char *dst, size_t size, int status);

#endif
