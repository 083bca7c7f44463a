/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of a Dockerfile: comments, continued lines, the directive "escape", here-documents. */
#include "pkg/dockerfile.h"

#include <strings.h>

#include "base/mem.h"

/* One physical line, without its end. */
struct physical {
	size_t start, size;
};

static bool next_physical(struct dockerfile_reader *r, struct physical *ret)
{
	const char *from = r->text + r->position, *newline;

	if (r->position >= r->size)
		return false;
	newline = memchr(from, '\n', r->size - r->position);
	ret->start = r->position;
	ret->size = newline ? (size_t)(newline - from) : r->size - r->position;
	r->position += ret->size + (newline != NULL);
	if (ret->size > 0 && from[ret->size - 1] == '\r')
		ret->size--;
	r->number++;
	return true;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static void trim(const struct dockerfile_reader *r, struct physical *l)
{
	while (l->size > 0 && is_blank(r->text[l->start])) {
		l->start++;
		l->size--;
	}
	while (l->size > 0 && is_blank(r->text[l->start + l->size - 1]))
		l->size--;
}

/* A line "# escape=`" before everything else. Others, like "syntax", are the builder's. */
static bool read_directive(struct dockerfile_reader *r, struct physical l)
{
	const char *equals;
	struct physical key, value;

	trim(r, &l);
	if (l.size == 0 || r->text[l.start] != '#')
		return false;
	equals = memchr(r->text + l.start, '=', l.size);
	if (!equals)
		return false;
	key = (struct physical){l.start + 1, (size_t)(equals - r->text) - l.start - 1};
	value = (struct physical){
		(size_t)(equals - r->text) + 1, l.start + l.size - (size_t)(equals - r->text) - 1};
	trim(r, &key);
	trim(r, &value);
	if (key.size == 6 && strncasecmp(r->text + key.start, "escape", 6) == 0 &&
		value.size == 1 && r->text[value.start] == '`')
		r->escape = '`';
	return true;
}

void dockerfile_reader_init(struct dockerfile_reader *r, const char *text, size_t size)
{
	static const char mark[] = "\xef\xbb\xbf"; /* that some editors write first */
	struct dockerfile_reader next;
	struct physical l;

	*r = (struct dockerfile_reader){.text = text, .size = size, .escape = '\\'};
	if (size >= 3 && memcmp(text, mark, 3) == 0)
		r->position = 3;
	next = *r;
	while (next_physical(&next, &l) && read_directive(&next, l))
		*r = next;
}

static void add(struct dockerfile_line *line, char c, size_t at)
{
	mem_grow(&line->text, line->length + 1, &line->cap, 1);
	mem_grow(&line->at, line->length, &line->cap_at, sizeof(*line->at));
	line->text[line->length] = c;
	line->at[line->length++] = at;
	line->text[line->length] = '\0';
}

/* Add a line; whether the next one continues it. */
static bool add_physical(
	const struct dockerfile_reader *r, struct dockerfile_line *line, struct physical l)
{
	bool more = l.size > 0 && r->text[l.start + l.size - 1] == r->escape;

	for (size_t i = 0; i < l.size - more; i++)
		add(line, r->text[l.start + i], l.start + i);
	return more;
}

bool dockerfile_read_line(struct dockerfile_reader *r, struct dockerfile_line *line)
{
	struct physical l;
	bool more = true;

	line->length = 0;
	while (more && next_physical(r, &l)) {
		struct physical whole = l;

		trim(r, &l);
		if (l.size == 0 || r->text[l.start] == '#')
			continue;
		/* Blanks at the beginning separate words when the line continues one. */
		if (line->length == 0) {
			line->number = r->number;
		} else {
			l.size += l.start - whole.start;
			l.start = whole.start;
		}
		more = add_physical(r, line, l);
	}
	return line->length > 0 || !more;
}

bool dockerfile_skip_document(struct dockerfile_reader *r, const char *end, bool tabs)
{
	struct physical l;

	while (next_physical(r, &l)) {
		while (tabs && l.size > 0 && r->text[l.start] == '\t') {
			l.start++;
			l.size--;
		}
		if (l.size == strlen(end) && memcmp(r->text + l.start, end, l.size) == 0)
			return true;
	}
	return false;
}

void dockerfile_line_cleanup(struct dockerfile_line *line)
{
	free(line->text);
	free(line->at);
	*line = (struct dockerfile_line){0};
}
