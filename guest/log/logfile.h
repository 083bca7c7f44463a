/* SPDX-License-Identifier: Apache-2.0 */
/* A log file of bounded size: a full one is renamed to PATH.0 and a new one begun. */
#ifndef WHERRY_GUEST_LOGFILE_H
#define WHERRY_GUEST_LOGFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum { LOGFILE_MAX = 1 << 20 };

struct logfile {
	char *path; /* NULL: none */
	int fd;     /* -1: it can't be written to, and lines are discarded */
	uint64_t size, max;
};
#define LOGFILE_NONE ((struct logfile){.fd = -1})

/* Open it to append. */
int logfile_open(struct logfile *f, const char *path, uint64_t max, struct werr **err);
/* Lines, which are not split between the two files. */
void logfile_add(struct logfile *f, const void *p, size_t size);
void logfile_close(struct logfile *f);

#endif
