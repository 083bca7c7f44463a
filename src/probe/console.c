/* SPDX-License-Identifier: Apache-2.0 */
#include "probe/console.h"

#include <string.h>

#include "base/mem.h"

enum { FIND, NEVER };

void probe_console_cleanup(struct probe_console *c)
{
	buf_clear(&c->text);
}

/* ---- what comes ---- */

static size_t less(size_t at, size_t by)
{
	return at > by ? at - by : 0;
}

/* There is no end of what a machine may write: forget the older half, to the end of a line. */
static void make_room(struct probe_console *c)
{
	size_t half = c->text.len / 2;
	const char *end = memchr(c->text.data + half, '\n', c->text.len - half);
	size_t drop = end ? (size_t)(end - c->text.data) + 1 : half;

	memmove(c->text.data, c->text.data + drop, c->text.len - drop);
	buf_truncate(&c->text, c->text.len - drop);
	c->line = less(c->line, drop);
	c->seen = less(c->seen, drop);
	for (size_t i = 0; i < ARRAY_SIZE(c->looked); i++)
		c->looked[i] = less(c->looked[i], drop);
}

/* The words that the kernel's panic() begins its last line with, and those of EDK II and SeaBIOS.
 */
static void look_at_line(struct probe_console *c)
{
	const char *line = c->text.data + c->line;

	c->panicked |= strstr(line, "Kernel panic - not syncing") != NULL;
	c->unbootable |= strstr(line, "BdsDxe: No bootable option or device was found") ||
			 strstr(line, "No bootable device.");
}

static void put(struct probe_console *c, char byte)
{
	if (c->text.len + 2 >= PROBE_TEXT_MAX)
		make_room(c);
	buf_putc(&c->text, byte);
	if (byte != '\n' && c->text.len - c->line == PROBE_LINE_MAX)
		buf_putc(&c->text, '\n');
	if (c->text.data[c->text.len - 1] != '\n')
		return;
	look_at_line(c);
	c->line = c->text.len;
}

/* ECMA-48: ESC and one character, or ESC [, parameters below '@', and a last one. */
static void add_byte(struct probe_console *c, unsigned char byte)
{
	enum { ESCAPE = 0x1b, DELETE = 0x7f };

	if (byte == ESCAPE)
		c->state = CONSOLE_ESCAPE;
	else if (c->state == CONSOLE_ESCAPE)
		c->state = byte == '[' ? CONSOLE_SEQUENCE : CONSOLE_PLAIN;
	else if (c->state == CONSOLE_SEQUENCE && byte >= ' ')
		c->state = byte >= '@' ? CONSOLE_PLAIN : CONSOLE_SEQUENCE;
	else if (byte == '\n' || byte == '\t' || (byte >= ' ' && byte != DELETE))
		put(c, (char)byte);
}

void probe_console_add(struct probe_console *c, const char *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		add_byte(c, (unsigned char)bytes[i]);
}

/* ---- comparing ---- */

/* The line that begins at *at, which moves to its end; false: there is no more. */
static bool next_line(
	const struct probe_console *c, size_t *at, char line[static PROBE_LINE_MAX + 1])
{
	const char *begin = buf_str(&c->text) + *at, *end;
	size_t left = c->text.len - *at, size;

	if (!left)
		return false;
	end = memchr(begin, '\n', left);
	size = end ? (size_t)(end - begin) : left;
	size = size > PROBE_LINE_MAX ? PROBE_LINE_MAX : size;
	memcpy(line, begin, size);
	line[size] = 0;
	*at += size + (end ? 1 : 0);
	return true;
}

/* Those that are complete need not be compared with the same again. */
static void note_looked(struct probe_console *c, unsigned who)
{
	if (c->looked[who] < c->line)
		c->looked[who] = c->line;
}

void probe_console_begin(struct probe_console *c)
{
	c->looked[FIND] = c->seen;
}

bool probe_console_find(struct probe_console *c, const struct probe_pattern *p)
{
	size_t at = c->looked[FIND] > c->seen ? c->looked[FIND] : c->seen;
	char line[PROBE_LINE_MAX + 1];

	while (next_line(c, &at, line))
		if (probe_pattern_matches(p, line)) {
			c->seen = c->looked[FIND] = at;
			return true;
		}
	note_looked(c, FIND);
	return false;
}

char *probe_console_never(struct probe_console *c, const struct probe_pattern *patterns, size_t n,
	size_t *ret_pattern)
{
	size_t at = c->looked[NEVER];
	char line[PROBE_LINE_MAX + 1];

	while (n && next_line(c, &at, line))
		for (size_t i = 0; i < n; i++)
			if (probe_pattern_matches(&patterns[i], line)) {
				*ret_pattern = i;
				return str_dup(line);
			}
	note_looked(c, NEVER);
	return NULL;
}

char *probe_console_tail(const struct probe_console *c)
{
	const char *text = buf_str(&c->text), *p = text + c->text.len;

	for (size_t lines = 0; p > text; p--)
		if (p[-1] == '\n' && p < text + c->text.len && ++lines == PROBE_TAIL_LINES)
			break;
	return str_dup(p);
}
