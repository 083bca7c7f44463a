/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include <pthread.h>
#include <stdarg.h>

#include "base/mem.h"
#include "base/str.h"

static struct {
	enum log_level level;
	log_sink *sink;
	void *ctx;
	pthread_mutex_t lock;
} log_state = {.lock = PTHREAD_MUTEX_INITIALIZER};

void log_setup(enum log_level level, log_sink *sink, void *ctx)
{
	log_state.level = level;
	log_state.sink = sink;
	log_state.ctx = ctx;
}

void log_line(enum log_level level, const char *fmt, ...)
{
	CLEANUP(free) char *line = NULL;
	va_list ap;

	if (!log_state.sink || level > log_state.level)
		return;
	va_start(ap, fmt);
	line = str_printfv(fmt, ap);
	va_end(ap);
	pthread_mutex_lock(&log_state.lock);
	log_state.sink(level, line, log_state.ctx);
	pthread_mutex_unlock(&log_state.lock);
}
