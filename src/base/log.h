/* SPDX-License-Identifier: Apache-2.0 */
/* Reports of what happens. Rooms only report; src/cli decides what is shown. */
#ifndef WHERRY_BASE_LOG_H
#define WHERRY_BASE_LOG_H

#include "base/attr.h"

enum log_level {
	LOG_WARNING, /* the user should know; shown unless -q */
	LOG_INFO,    /* a step; shown by default */
	LOG_DETAIL,  /* -v 2: programs that are run, files that are used */
	LOG_DEBUG,   /* -v 3 */
};

/* line has no newline. Called by one thread at a time. */
typedef void log_sink(enum log_level level, const char *line, void *ctx);

/*
 * Lines above the level are not even formatted. Set once at start; without a sink nothing is
 * reported.
 */
void log_setup(enum log_level level, log_sink *sink, void *ctx);
void log_line(enum log_level level, const char *fmt, ...) ATTR_PRINTF(2, 3);
#define log_warning(...) log_line(LOG_WARNING, __VA_ARGS__)
#define log_info(...)    log_line(LOG_INFO, __VA_ARGS__)
#define log_detail(...)  log_line(LOG_DETAIL, __VA_ARGS__)
#define log_debug(...)   log_line(LOG_DEBUG, __VA_ARGS__)

#endif
