/* SPDX-License-Identifier: Apache-2.0 */
#include "common/console.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/str.h"
#include "common/machine.h"
#include "common/uptime.h"
#include "data/printable.h"

enum { LINE_MAX_BYTES = 1024, PATIENCE_MS = 500, REST_MS = 10000 };

static bool redirected;
static struct {
	void (*tap)(void *ctx, const char *text, size_t size); /* NULL: nobody */
	void *ctx;
} told;

void console_to_stderr(void)
{
	redirected = true;
}

/*
 * If this fails there is nobody to report it to, and it must not block: a terminal may be stopped
 * (Ctrl-S), or nothing may read a pipe. It waits for a moment and discards what has not been taken
 * by then. For a while after that it does not wait at all.
 */
static void write_for_a_while(int fd, const char *p, size_t left)
{
	static uint64_t stuck_until;
	int patience = uptime_ms() < stuck_until ? 0 : PATIENCE_MS;
	struct pollfd room = {.fd = fd, .events = POLLOUT};

	while (left > 0) {
		ssize_t n = -1;
		int r = poll(&room, 1, patience);

		if (r > 0)
			n = write(fd, p, left);
		if (r == 0)
			stuck_until = uptime_ms() + REST_MS;
		if (n < 0 && r > 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		p += n;
		left -= (size_t)n;
	}
}

static void write_to(const char *path, const struct buf *line)
{
	CLEANUP(fd) int fd = open(path, O_WRONLY | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);

	/* One write, so that lines of several processes do not mix. */
	write_for_a_while(fd >= 0 ? fd : STDERR_FILENO, buf_str(line), line->len);
}

/*
 * In a container, the console is the stderr it was started with. With several console= options the
 * kernel writes to all of those consoles, and so does this.
 */
static void write_to_all(const struct buf *line)
{
	CLEANUP(strv) struct strv names = {0};
	const char *name;
	char text[1024];
	ssize_t n;

	if (redirected || machine_is_contained()) {
		write_for_a_while(STDERR_FILENO, buf_str(line), line->len);
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

/* Returns where the text begins in the line. */
ATTR_PRINTF(2, 0) static size_t format(struct buf *line, const char *fmt, va_list ap)
{
	CLEANUP(buf) struct buf text = BUF_INIT(LINE_MAX_BYTES * 4);
	size_t begin;

	buf_printfv(&text, fmt, ap);
	buf_printf(line, "[%8.2f] wherry: ", (double)uptime_ms() / 1000);
	begin = line->len;
	/*
	 * The text may come from containers, images and servers: it must not control the terminal.
	 */
	printable_add(line, buf_str(&text), text.len, "\t");
	if (line->len > LINE_MAX_BYTES)
		buf_truncate(line, LINE_MAX_BYTES);
	return begin;
}

void console_line(const char *fmt, ...)
{
	CLEANUP(buf) struct buf line = BUF_INIT(LINE_MAX_BYTES * 20);
	size_t begin;
	va_list ap;

	va_start(ap, fmt);
	begin = format(&line, fmt, ap);
	va_end(ap);
	if (told.tap)
		told.tap(told.ctx, buf_str(&line) + begin, line.len - begin);
	buf_putc(&line, '\n');
	write_to_all(&line);
}

void console_show(const char *fmt, ...)
{
	CLEANUP(buf) struct buf line = BUF_INIT(LINE_MAX_BYTES * 20);
	va_list ap;

	va_start(ap, fmt);
	format(&line, fmt, ap);
	va_end(ap);
	buf_putc(&line, '\n');
	write_to_all(&line);
}

void console_tap(void (*tap)(void *ctx, const char *text, size_t size), void *ctx)
{
	told.tap = tap;
	told.ctx = ctx;
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
