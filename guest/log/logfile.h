/* SPDX-License-Identifier: Apache-2.0 */
/* A log as a file of bounded size: when it is full it becomes PATH.0, and a new one begins. */
#ifndef WHERRY_GUEST_LOGFILE_H
#define WHERRY_GUEST_LOGFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum { LOGFILE_MAX = 1 << 20 };

struct logfile {
	char *path; /* NULL: none */
	int fd;     /* -1: can't be written; what is added is not kept */
	uint64_t size, max;
};
#define LOGFILE_NONE ((struct logfile){.fd = -1})

/* Goes on behind what is in it. */
int logfile_open(struct logfile *f, const char *path, uint64_t max, struct werr **err);
/* A line is whole in one of the two files. */
void logfile_add(struct logfile *f, const void *p, size_t size);
void logfile_close(struct logfile *f);

#endif
