/* SPDX-License-Identifier: Apache-2.0 */
/* What process.c and process-start.c share. */
#ifndef WHERRY_BASE_PROCESS_IMPL_H
#define WHERRY_BASE_PROCESS_IMPL_H

#include <sys/types.h>

#include "base/buf.h"
#include "base/process.h"

struct process_child {
	pid_t pid;        /* -1: none, or it has ended */
	int in, out, err; /* our ends of its pipes; -1: none, or closed */
	size_t written;   /* of the input */
	struct buf output, errors;
	size_t line_start; /* in output */
};

/*
 * Start the program; exec worked when this returns 0. The caller closes the pipes in *c, also after
 * an error.
 */
int process_start(const struct process_spec *spec, struct process_child *c, struct werr **err);
/* Negative ones are left out. */
void process_close_all(const int *fds, size_t n);

#endif
