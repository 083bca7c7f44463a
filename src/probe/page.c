/* SPDX-License-Identifier: Apache-2.0 */
#include "probe/page.h"

#include <string.h>

#include "base/mem.h"
#include "base/str.h"

enum { STATUS_LINE_MAX = 4096, DIGITS = 3 };

char *probe_page_request(const char *path)
{
	return str_printf("GET %s HTTP/1.0\r\nHost: 127.0.0.1\r\nUser-Agent: wherry-test\r\n"
			  "Accept: */*\r\nConnection: close\r\n\r\n",
		path);
}

/* "HTTP/1.1 200 OK", without its end. */
static bool parse_status(const char *line, size_t size, unsigned *ret)
{
	static const char start[] = "HTTP/1.";
	const size_t at = strlen(start) + 2; /* a digit and a space */

	if (size < at + DIGITS || memcmp(line, start, strlen(start)) != 0 || line[at - 1] != ' ')
		return false;
	*ret = 0;
	for (size_t i = at; i < at + DIGITS; i++) {
		if (line[i] < '0' || line[i] > '9')
			return false;
		*ret = *ret * 10 + (unsigned)(line[i] - '0');
	}
	return *ret > 0 &&
	       (size == at + DIGITS || line[at + DIGITS] == ' ' || line[at + DIGITS] == '\r');
}

/* An empty line ends the header; some servers write no carriage returns. */
static void find_body(const char *text, size_t size, struct probe_page *ret)
{
	const char *p = text, *end;

	while ((end = memchr(p, '\n', size - (size_t)(p - text)))) {
		bool empty = end == p || (end == p + 1 && *p == '\r');

		p = end + 1;
		if (!empty)
			continue;
		ret->body = p;
		ret->size = size - (size_t)(p - text);
		return;
	}
}

bool probe_page_parse(const char *text, size_t size, struct probe_page *ret)
{
	const char *end = size ? memchr(text, '\n', size) : NULL;

	*ret = (struct probe_page){0};
	if (!end)
		return size < STATUS_LINE_MAX;
	if (!parse_status(text, (size_t)(end - text), &ret->status))
		return false;
	find_body(end + 1, size - (size_t)(end + 1 - text), ret);
	return true;
}
