/* SPDX-License-Identifier: Apache-2.0 */
#include "common/console.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/io.h"
#include "base/mem.h"

enum { LINE_MAX_BYTES = 1024 };

double console_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

void console_line(const char *fmt, ...)
{
	CLEANUP(buf) struct buf line = BUF_INIT(LINE_MAX_BYTES * 4);
	CLEANUP(fd) int fd = open("/dev/console", O_WRONLY | O_NOCTTY | O_CLOEXEC);
	va_list ap;

	buf_printf(&line, "[%8.2f] wherry: ", console_seconds());
	va_start(ap, fmt);
	buf_printfv(&line, fmt, ap);
	va_end(ap);
	if (line.len > LINE_MAX_BYTES)
		buf_truncate(&line, LINE_MAX_BYTES);
	buf_putc(&line, '\n');
	/* One write, so that lines of several processes do not mix. Nobody can be told when it fails. */
	fd_write_all(fd >= 0 ? fd : STDERR_FILENO, buf_str(&line), line.len);
}

void console_error(struct werr **err, const char *what, const char *follows)
{
	for (const struct werr *e = *err; e; e = e->next) {
		CLEANUP(buf) struct buf text = BUF_INIT(LINE_MAX_BYTES);

		if (e->file)
			buf_printf(&text, "%s:%u: ", e->file, e->line);
		buf_puts(&text, e->message);
		if (e->hint)
			buf_printf(&text, " (%s)", e->hint);
		console_line("%s: %s; %s", what, buf_str(&text), follows);
	}
	werr_free(*err);
	*err = NULL;
}
