/* SPDX-License-Identifier: Apache-2.0 */
/* State that all parts of the supervisor share. */
#ifndef WHERRY_GUEST_ENV_H
#define WHERRY_GUEST_ENV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "contract/wherry.h"

struct filequeue;
struct stream;
struct syslog_target;

enum { STRANGERS_MAX = 256 };

struct env {
	int loop;            /* from loop_new() */
	int channel;         /* to PID 1 */
	const char *runtime; /* path of the OCI runtime */

	/* Kernel options. */
	bool console;          /* show the containers' output on the console */
	bool debug;            /* print more on the console */
	bool runtime_debug;    /* run the OCI runtime with --debug */
	size_t log_size;       /* bytes of a service's ring */
	uint64_t onboot_limit; /* ms */
	enum policy_onfail onfail;
	struct syslog_target *syslog; /* NULL: none */
	struct filequeue *files;      /* NULL: lines go to no files (in the tests) */

	bool memlogd;  /* a container keeps the logs */
	bool stopping; /* everything is being stopped */
	bool changed;  /* the state of a container has changed */
	bool fresh;    /* a log line was added */

	/*
	 * The last children that ended without belonging to a container. One may turn out to be a
	 * container's, when the runtime says which process it started.
	 */
	struct stranger {
		pid_t pid;
		int status; /* waitpid's */
	} strangers[STRANGERS_MAX];
	size_t n_strangers; /* ever */

	struct stream **streams;
	size_t n_streams, cap_streams;
};

/* A child ended that does not belong to anything known. */
void env_note_stranger(struct env *env, pid_t pid, int status);
/* *ret: how it ended. False: it is not among the last STRANGERS_MAX. */
bool env_find_stranger(const struct env *env, pid_t pid, int *ret);

/* Read the kernel's options. Mistakes are reported on the console. */
void env_read(struct env *env, const char *cmdline);

#endif
