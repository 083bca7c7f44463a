/* SPDX-License-Identifier: Apache-2.0 */
#include "common/console.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/str.h"
#include "common/clock.h"
#include "common/contained.h"

enum { LINE_MAX_BYTES = 1024 };

static void write_to(const char *path, const struct buf *line)
{
	CLEANUP(fd) int fd = open(path, O_WRONLY | O_NOCTTY | O_CLOEXEC);

	/* One write, so that lines of several processes do not mix. Nobody can be told when it fails. */
	fd_write_all(fd >= 0 ? fd : STDERR_FILENO, buf_str(line), line->len);
}

/* Of a container the console is what it was started with. With several console= on the kernel's command line its messages go to all of them, and so do ours. */
static void write_to_all(const struct buf *line)
{
	CLEANUP(strv) struct strv names = {0};
	const char *name;
	char text[1024];
	ssize_t n;

	if (contained()) {
		fd_write_all(STDERR_FILENO, buf_str(line), line->len);
		return;
	}
	n = file_read_small("/sys/class/tty/console/active", text, sizeof(text));
	text[n > 0 ? n - 1 : 0] = 0;
	if (!strchr(text, ' ')) {
		write_to("/dev/console", line);
		return;
	}
	strv_split(&names, text, ' ');
	STRV_FOREACH (name, &names) {
		CLEANUP(free) char *path = str_printf("/dev/%s", name);

		write_to(path, line);
	}
}

void console_line(const char *fmt, ...)
{
	CLEANUP(buf) struct buf line = BUF_INIT(LINE_MAX_BYTES * 4);
	va_list ap;

	buf_printf(&line, "[%8.2f] wherry: ", (double)clock_ms() / 1000);
	va_start(ap, fmt);
	buf_printfv(&line, fmt, ap);
	va_end(ap);
	if (line.len > LINE_MAX_BYTES)
		buf_truncate(&line, LINE_MAX_BYTES);
	buf_putc(&line, '\n');
	write_to_all(&line);
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
