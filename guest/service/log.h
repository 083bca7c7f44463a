/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a container writes: kept in a file of bounded size (when it is full it becomes PATH.0, and a new one begins),
 * its end in memory for the report of a failure.
 */
#ifndef WHERRY_GUEST_SERVICE_LOG_H
#define WHERRY_GUEST_SERVICE_LOG_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum { SERVICE_LOG_MAX = 1 << 20, SERVICE_LOG_TAIL = 1024 };

struct service_log {
	char *path;
	int fd;        /* -1: could not be opened; then only the end is kept */
	uint64_t size; /* of the file */
	uint64_t max;
	char tail[SERVICE_LOG_TAIL]; /* a ring */
	uint64_t total;              /* bytes that ever came */
};

/* Opens the file, to go on behind what is in it. The log can be used even after a failure. */
int service_log_open(struct service_log *log, const char *path, uint64_t max, struct werr **err);
void service_log_add(struct service_log *log, const void *p, size_t size);
/* The last lines, at most n, as one text: "first / second"; "" when nothing came. Owned by the caller. */
char *service_log_last(const struct service_log *log, unsigned n);
void service_log_close(struct service_log *log);

#endif
