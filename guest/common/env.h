/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of the supervisor have in common. */
#ifndef WHERRY_GUEST_ENV_H
#define WHERRY_GUEST_ENV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "contract/wherry.h"

struct stream;
struct syslog_target;

enum { STRANGERS_MAX = 256 };

struct env {
	int loop;            /* loop_new()'s */
	int channel;         /* to PID 1 */
	const char *runtime; /* crun's path */

	/* Kernel options. */
	bool console;          /* what containers write is shown there */
	bool debug;            /* say more on the console */
	bool runtime_debug;    /* the runtime says more */
	bool log_files;        /* lines go to files in /var/log too, wherever that is */
	size_t log_size;       /* of a service's ring */
	uint64_t onboot_limit; /* ms */
	enum policy_onfail onfail;
	struct syslog_target *syslog; /* NULL: none */

	bool memlogd;  /* a container keeps the logs */
	bool stopping; /* everything is being stopped */
	bool changed;  /* a container has another state than before */
	bool fresh;    /* a line came */

	/*
	 * The last children that ended and were no container's: one may turn out to be, when the
	 * runtime says which it started.
	 */
	struct stranger {
		pid_t pid;
		int status; /* waitpid's */
	} strangers[STRANGERS_MAX];
	size_t n_strangers; /* ever */

	struct stream **streams;
	size_t n_streams, cap_streams;
};

/* A child ended that is nobody's. */
void env_note_stranger(struct env *env, pid_t pid, int status);
/* How it ended, into *ret; false: it is not among the last. */
bool env_know_stranger(const struct env *env, pid_t pid, int *ret);

/* From the kernel's command line. */
void env_read(struct env *env, const char *cmdline);

#endif
