/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/ask.h"

#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cancel.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/str.h"

enum { LINE_MAX_SIZE = 64 << 10, TICK_MS = 100 };

/* Bytes up to the end of the line; what follows it is ignored. */
/* A signal between the question and the answer must not be missed: a read would wait for ever. */
static int wait_for_input(int fd, struct werr **err)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	int r = 0;

	while (r == 0) {
		r = cancel_check(err);
		if (r == 0 && poll(&p, 1, TICK_MS) > 0)
			return 0;
	}
	return r;
}

int ask_read_line(int fd, char **ret, struct werr **err)
{
	CLEANUP(reader) struct reader *from = fd_reader_new(fd, FD_LENT, "stdin");
	CLEANUP(buf) struct buf line = BUF_INIT(LINE_MAX_SIZE);
	char c = 0;

	for (;;) {
		size_t got = 0;
		int r = wait_for_input(fd, err);

		if (r == 0)
			r = reader_read(from, &c, 1, &got, err);
		if (r == 0)
			r = cancel_check(err);
		if (r < 0)
			return r;
		if (got == 0 || c == '\n')
			break;
		buf_putc(&line, c);
	}
	if (line.len > 0 && line.data[line.len - 1] == '\r')
		buf_truncate(&line, line.len - 1);
	if (buf_error(&line) < 0)
		return werr_set(err, WERR_LIMIT, "the line is longer than %d bytes", LINE_MAX_SIZE);
	*ret = buf_steal(&line);
	return 0;
}

int ask_line(const char *question, enum ask_answer answer, char **ret, struct werr **err)
{
	struct termios before, silent;
	int r;

	if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, &before) < 0)
		return werr_set(err, WERR_USAGE, "there is no terminal to ask on");
	silent = before;
	if (answer == ASK_HIDDEN)
		silent.c_lflag &= ~(tcflag_t)ECHO;
	/* In this order, an answer that comes at once is neither shown nor lost. */
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
	(void)fd_write_all(STDERR_FILENO, question, strlen(question));
	r = ask_read_line(STDIN_FILENO, ret, err);
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
	if (answer == ASK_HIDDEN)
		(void)fd_write_all(STDERR_FILENO, "\n", 1);
	return r;
}

int ask_yes(const char *question, bool *ret, struct werr **err)
{
	CLEANUP(free) char *text = str_printf("%s [y/N] ", question);
	CLEANUP(free) char *line = NULL;
	int r = ask_line(text, ASK_SHOWN, &line, err);

	if (r == 0)
		*ret = str_eq(line, "y") || str_eq(line, "Y") || str_eq(line, "yes");
	return r;
}
