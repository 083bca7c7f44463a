/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/serve-request.h"

#include <string.h>

#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"

bool serve_head_complete(const char *text, size_t size)
{
	for (size_t i = 0; i + 1 < size; i++)
		if (text[i] == '\n' &&
			(text[i + 1] == '\n' ||
				(i + 2 < size && text[i + 1] == '\r' && text[i + 2] == '\n')))
			return true;
	return false;
}

static int hex(char c)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)((at - digits) % 16) : -1;
}

/* Replace %41 by what it stands for (RFC 3986, 2.1), in place; false: bad, or a NUL. */
static bool decode(char *text)
{
	char *to = text;

	for (const char *p = text; *p; p++) {
		int high, low;

		if (*p != '%') {
			*to++ = *p;
			continue;
		}
		high = hex(p[1]);
		low = high < 0 ? -1 : hex(p[2]);
		if (low < 0 || high * 16 + low == 0)
			return false;
		*to++ = (char)(high * 16 + low);
		p += 2;
	}
	*to = 0;
	return true;
}

/* The path that a target names; what follows a '?' does not matter to a file. */
static unsigned parse_target(const char *target, char **ret)
{
	CLEANUP(free) char *path = str_dup_n(target, strcspn(target, "?#"));

	if (path[0] != '/' || !decode(path))
		return 400;
	*ret = path_inside(path + 1);
	return *ret ? 200 : 404;
}

unsigned serve_request_parse(const char *text, size_t size, struct serve_request *ret)
{
	const char *end = memchr(text, '\n', size);
	CLEANUP(free) char *line = NULL;
	CLEANUP(strv) struct strv words = {0};
	unsigned status;

	if (!end)
		return 400;
	line = str_dup_n(text, (size_t)(end - text));
	if (strlen(line) != (size_t)(end - text))
		return 400;
	line[strcspn(line, "\r")] = 0;
	strv_split(&words, line, ' ');
	if (words.n != 3)
		return 400;
	if (!str_eq(words.items[2], "HTTP/1.1") && !str_eq(words.items[2], "HTTP/1.0"))
		return str_after(words.items[2], "HTTP/") ? 505 : 400;
	ret->head = str_eq(words.items[0], "HEAD");
	if (!ret->head && !str_eq(words.items[0], "GET"))
		return 405;
	status = parse_target(words.items[1], &ret->path);
	return status;
}

void serve_request_cleanup(struct serve_request *r)
{
	free(r->path);
	*r = (struct serve_request){0};
}
