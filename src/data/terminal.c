/* SPDX-License-Identifier: Apache-2.0 */
#include "data/terminal.h"

#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/str.h"

enum { WIDTH_UNKNOWN = 80, HEIGHT_UNKNOWN = 24 };

size_t terminal_width(int fd)
{
	struct winsize size = {0};

	return ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : WIDTH_UNKNOWN;
}

size_t terminal_height(int fd)
{
	struct winsize size = {0};

	return ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 ? size.ws_row : HEIGHT_UNKNOWN;
}

bool terminal_is_rich(int fd)
{
	const char *no_colour = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(fd) && !(no_colour && *no_colour) && term && !str_eq(term, "dumb");
}

bool terminal_begins(char c)
{
	return ((unsigned char)c & 0xC0) != 0x80;
}

size_t terminal_columns(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += terminal_begins(*text);
	return n;
}

/* After n characters. */
static const char *skip(const char *text, size_t n)
{
	for (; *text; text++)
		if (terminal_begins(*text) && n-- == 0)
			break;
	return text;
}

void terminal_add(struct buf *out, const char *text, size_t width, enum terminal_cut cut)
{
	static const char dots[] = "..";
	size_t n = terminal_columns(text), kept = width - strlen(dots);

	if (n <= width) {
		buf_puts(out, text);
	} else if (width <= strlen(dots)) {
		buf_add(out, dots, width);
	} else if (cut == TERMINAL_CUT_END) {
		buf_add(out, text, (size_t)(skip(text, kept) - text));
		buf_puts(out, dots);
	} else {
		buf_puts(out, dots);
		buf_puts(out, skip(text, n - kept));
	}
}
