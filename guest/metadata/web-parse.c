/* SPDX-License-Identifier: Apache-2.0 */
/* web: what a server answers. */
#include <errno.h>
#include <stdlib.h>
#include <strings.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/str.h"
#include "metadata/web.h"

enum { CHUNK_LINE_MAX = 256 };

struct slice {
	const char *p;
	size_t size;
};

struct head {
	unsigned status;
	bool chunked, has_length;
	uint64_t length;
};

void web_answer_cleanup(struct web_answer *a)
{
	free(a->head);
	free(a->body);
	*a = (struct web_answer){0};
}

static int fail(struct werr **err, const char *what)
{
	return werr_set(err, WERR_CORRUPT, "the server's answer is not HTTP: %s", what);
}

/* Cut the first line off, without its line feed and the carriage return before that. */
static bool next_line(struct slice *rest, struct slice *ret)
{
	const char *end = memchr(rest->p, '\n', rest->size);

	if (!end)
		return false;
	*ret = (struct slice){rest->p, (size_t)(end - rest->p)};
	rest->size -= ret->size + 1;
	rest->p = end + 1;
	if (ret->size && ret->p[ret->size - 1] == '\r')
		ret->size--;
	return true;
}

/* The value, without the spaces around it, of a line with this name. */
static bool line_value(struct slice line, const char *name, struct slice *ret)
{
	size_t n = strlen(name);

	if (line.size <= n || line.p[n] != ':' || strncasecmp(line.p, name, n) != 0)
		return false;
	*ret = (struct slice){line.p + n + 1, line.size - n - 1};
	while (ret->size && (*ret->p == ' ' || *ret->p == '\t'))
		*ret = (struct slice){ret->p + 1, ret->size - 1};
	while (ret->size && (ret->p[ret->size - 1] == ' ' || ret->p[ret->size - 1] == '\t'))
		ret->size--;
	return true;
}

static bool slice_is(struct slice s, const char *text)
{
	return s.size == strlen(text) && strncasecmp(s.p, text, s.size) == 0;
}

bool web_has_line(const struct web_answer *a, const char *name, const char *value)
{
	struct slice rest = {a->head, strlen(a->head)}, line, found;

	while (next_line(&rest, &line))
		if (line_value(line, name, &found) && slice_is(found, value))
			return true;
	return false;
}

/* A number with nothing around it. */
static bool number(struct slice s, unsigned base, uint64_t *ret)
{
	static const char digits[] = "0123456789abcdef";

	*ret = 0;
	for (size_t i = 0; i < s.size; i++) {
		char c = s.p[i] >= 'A' && s.p[i] <= 'F' ? (char)(s.p[i] + 'a' - 'A') : s.p[i];
		const char *at = memchr(digits, c, base);

		if (!at || *ret > UINT32_MAX)
			return false;
		*ret = *ret * base + (uint64_t)(at - digits);
	}
	return s.size > 0;
}

/* "HTTP/1.1 200 OK" */
static bool status_line(struct slice line, unsigned *ret)
{
	uint64_t status;

	if (line.size < 12 || strncmp(line.p, "HTTP/1.", 7) != 0 || line.p[8] != ' ' ||
		(line.size > 12 && line.p[12] != ' ') ||
		!number((struct slice){line.p + 9, 3}, 10, &status))
		return false;
	*ret = (unsigned)status;
	return status >= 100;
}

static int take_line(struct slice line, struct head *h, struct werr **err)
{
	struct slice value;
	uint64_t n;

	if (memchr(line.p, 0, line.size) || !memchr(line.p, ':', line.size))
		return fail(err, "a line of its head has no colon");
	if (line_value(line, "Content-Length", &value)) {
		if (!number(value, 10, &n) || (h->has_length && h->length != n))
			return fail(err, "its Content-Length is no number");
		h->has_length = true;
		h->length = n;
	}
	if (line_value(line, "Transfer-Encoding", &value)) {
		if (!slice_is(value, "chunked") || h->chunked)
			return fail(err, "its Transfer-Encoding is not chunked");
		h->chunked = true;
	}
	return 0;
}

/* 1: *rest is what follows the head; 0: it is not complete. */
static int parse_head(struct slice *rest, struct head *ret, struct buf *lines, struct werr **err)
{
	struct slice line;
	int r;

	if (!next_line(rest, &line))
		return 0;
	if (!status_line(line, &ret->status))
		return fail(err, "its first line has no status");
	while (next_line(rest, &line)) {
		if (!line.size) {
			if (ret->chunked && ret->has_length)
				return fail(err, "it says its length twice");
			return 1;
		}
		r = take_line(line, ret, err);
		if (r < 0)
			return r;
		buf_add(lines, line.p, line.size);
		buf_putc(lines, '\n');
	}
	return 0;
}

static int add(struct buf *body, const char *p, size_t size, struct werr **err)
{
	buf_add(body, p, size);
	return buf_error(body) == 0 ? 0
				    : werr_set(err, WERR_LIMIT,
					      "the answer is longer than %d bytes", WEB_BODY_MAX);
}

/* 1: all chunks are in body. */
static int parse_chunks(struct slice rest, struct buf *body, struct werr **err)
{
	struct slice line;
	uint64_t size;
	int r;

	while (next_line(&rest, &line)) {
		const char *extension = memchr(line.p, ';', line.size);

		if (extension)
			line.size = (size_t)(extension - line.p);
		if (!number(line, 16, &size))
			return fail(err, "a chunk has no size");
		if (size == 0) {
			/* Lines after the last chunk are of no interest. */
			while (next_line(&rest, &line))
				if (!line.size)
					return 1;
			return 0;
		}
		if (size > WEB_BODY_MAX)
			return add(body, NULL, WEB_BODY_MAX + 1, err);
		if (rest.size <= size)
			return 0;
		r = add(body, rest.p, (size_t)size, err);
		rest = (struct slice){rest.p + size, rest.size - (size_t)size};
		if (r < 0)
			return r;
		if (rest.size == 1 && *rest.p == '\r')
			return 0;
		if (!next_line(&rest, &line) || line.size)
			return fail(err, "a chunk is longer than it says");
	}
	return rest.size > CHUNK_LINE_MAX ? fail(err, "a chunk has no size") : 0;
}

static int parse_body(
	struct slice rest, const struct head *h, bool ended, struct buf *body, struct werr **err)
{
	if (h->status == 204 || h->status == 304 || (h->has_length && h->length == 0))
		return 1;
	if (h->chunked)
		return parse_chunks(rest, body, err);
	if (h->has_length && h->length > WEB_BODY_MAX)
		return add(body, NULL, WEB_BODY_MAX + 1, err);
	if (h->has_length ? rest.size < h->length : !ended)
		return rest.size > WEB_BODY_MAX ? add(body, NULL, WEB_BODY_MAX + 1, err) : 0;
	return add(body, rest.p, h->has_length ? (size_t)h->length : rest.size, err) < 0 ? -E2BIG
											 : 1;
}

int web_parse(const char *bytes, size_t size, bool ended, struct web_answer *ret, struct werr **err)
{
	CLEANUP(buf) struct buf lines = BUF_INIT(WEB_HEAD_MAX), body = BUF_INIT(WEB_BODY_MAX);
	struct slice rest = {bytes, size};
	struct head head = {0};
	int r = parse_head(&rest, &head, &lines, err);

	if (r == 0 && size > WEB_HEAD_MAX)
		r = fail(err, "its head does not end");
	if (r > 0 && buf_error(&lines) < 0)
		r = fail(err, "its head is too long");
	/* No request asks for an interim answer. */
	if (r > 0 && head.status < 200)
		r = fail(err, "it is an interim one");
	if (r > 0)
		r = parse_body(rest, &head, ended, &body, err);
	if (r == 0 && ended)
		r = fail(err, "its end is missing");
	if (r > 0) {
		ret->status = head.status;
		ret->head = buf_steal(&lines);
		ret->size = body.len;
		ret->body = buf_steal(&body);
	}
	return r;
}
