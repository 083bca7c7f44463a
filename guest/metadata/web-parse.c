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

/* What has come so far. */
struct input {
	const char *bytes;
	size_t size;
	bool ended;
};

void web_parser_cleanup(struct web_parser *p)
{
	buf_clear(&p->lines);
	buf_clear(&p->body);
}

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

static int take_line(struct web_parser *p, struct slice line, struct werr **err)
{
	struct slice value;
	uint64_t n;

	if (memchr(line.p, 0, line.size) || !memchr(line.p, ':', line.size))
		return fail(err, "a line of its head has no colon");
	if (line_value(line, "Content-Length", &value)) {
		if (!number(value, 10, &n) || (p->has_length && p->length != n))
			return fail(err, "its Content-Length is no number");
		p->has_length = true;
		p->length = n;
	}
	if (line_value(line, "Transfer-Encoding", &value)) {
		if (!slice_is(value, "chunked") || p->chunked)
			return fail(err, "its Transfer-Encoding is not chunked");
		p->chunked = true;
	}
	return 0;
}

/* ---- steps: each returns 1 when it is done and has set the next one, 0 for more bytes ---- */

enum step {
	STEP_STATUS,
	STEP_LINE,
	STEP_BODY,
	STEP_CHUNK_SIZE,
	STEP_CHUNK,
	STEP_CHUNK_END,
	STEP_TRAILER,
	STEP_DONE
};

static int go_to(struct web_parser *p, enum step next)
{
	p->step = (unsigned char)next;
	return 1;
}

static struct slice rest_of(const struct web_parser *p, const struct input *in)
{
	return (struct slice){in->bytes + p->at, in->size - p->at};
}

/* The next line, which is then done with. What has no line feed is not searched again. */
static bool take_next_line(struct web_parser *p, const struct input *in, struct slice *ret)
{
	struct slice rest = rest_of(p, in);
	size_t from = p->searched > p->at ? p->searched : p->at;

	p->searched = in->size;
	if (from == in->size || !memchr(in->bytes + from, '\n', in->size - from))
		return false;
	next_line(&rest, ret);
	p->at = p->searched = in->size - rest.size;
	return true;
}

static int head_line(
	struct web_parser *p, const struct input *in, struct slice *ret, struct werr **err)
{
	if (!take_next_line(p, in, ret))
		return in->size > WEB_HEAD_MAX ? fail(err, "its head does not end") : 0;
	return p->at > WEB_HEAD_MAX + 1 ? fail(err, "its head is too long") : 1;
}

static int read_status(struct web_parser *p, const struct input *in, struct werr **err)
{
	struct slice line;
	int r = head_line(p, in, &line, err);

	if (r <= 0)
		return r;
	if (!status_line(line, &p->status))
		return fail(err, "its first line has no status");
	return go_to(p, STEP_LINE);
}

static int end_head(struct web_parser *p, struct werr **err)
{
	if (p->chunked && p->has_length)
		return fail(err, "it says its length twice");
	/* No request asks for an interim answer. */
	if (p->status < 200)
		return fail(err, "it is an interim one");
	if (p->status == 204 || p->status == 304 || (p->has_length && p->length == 0))
		return go_to(p, STEP_DONE);
	return go_to(p, p->chunked ? STEP_CHUNK_SIZE : STEP_BODY);
}

static int read_line(struct web_parser *p, const struct input *in, struct werr **err)
{
	struct slice line;
	int r = head_line(p, in, &line, err);

	if (r <= 0)
		return r;
	if (!line.size)
		return end_head(p, err);
	r = take_line(p, line, err);
	if (r < 0)
		return r;
	buf_add(&p->lines, line.p, line.size);
	buf_putc(&p->lines, '\n');
	return buf_error(&p->lines) < 0 ? fail(err, "its head is too long") : 1;
}

static int fail_long(struct werr **err)
{
	return werr_set(err, WERR_LIMIT, "the answer is longer than %d bytes", WEB_BODY_MAX);
}

static int add(struct web_parser *p, const char *bytes, size_t size, struct werr **err)
{
	buf_add(&p->body, bytes, size);
	return buf_error(&p->body) < 0 ? fail_long(err) : 0;
}

static int read_body(struct web_parser *p, const struct input *in, struct werr **err)
{
	struct slice rest = rest_of(p, in);
	int r;

	if ((p->has_length && p->length > WEB_BODY_MAX) ||
		(!p->has_length && rest.size > WEB_BODY_MAX))
		return fail_long(err);
	if (p->has_length ? rest.size < p->length : !in->ended)
		return 0;
	r = add(p, rest.p, p->has_length ? (size_t)p->length : rest.size, err);
	return r < 0 ? r : go_to(p, STEP_DONE);
}

static int read_chunk_size(struct web_parser *p, const struct input *in, struct werr **err)
{
	size_t before = p->at;
	const char *extension;
	struct slice line;

	if (!take_next_line(p, in, &line))
		return in->size - p->at > CHUNK_LINE_MAX ? fail(err, "a chunk has no size") : 0;
	extension = memchr(line.p, ';', line.size);
	if (extension)
		line.size = (size_t)(extension - line.p);
	if (p->at - before > CHUNK_LINE_MAX + 1 || !number(line, 16, &p->length))
		return fail(err, "a chunk has no size");
	if (p->length > WEB_BODY_MAX)
		return fail_long(err);
	p->trailer = p->at;
	return go_to(p, p->length ? STEP_CHUNK : STEP_TRAILER);
}

static int read_chunk(struct web_parser *p, const struct input *in, struct werr **err)
{
	struct slice rest = rest_of(p, in);
	int r;

	if (rest.size < p->length)
		return 0;
	r = add(p, rest.p, (size_t)p->length, err);
	p->at += (size_t)p->length;
	return r < 0 ? r : go_to(p, STEP_CHUNK_END);
}

static int read_chunk_end(struct web_parser *p, const struct input *in, struct werr **err)
{
	struct slice rest = rest_of(p, in), line;

	if (!rest.size || (rest.size == 1 && *rest.p == '\r'))
		return 0;
	if (!take_next_line(p, in, &line) || line.size)
		return fail(err, "a chunk is longer than it says");
	return go_to(p, STEP_CHUNK_SIZE);
}

/* Lines after the last chunk are of no interest, but have an end as the head does. */
static int read_trailer(struct web_parser *p, const struct input *in, struct werr **err)
{
	struct slice line;
	bool found = take_next_line(p, in, &line);

	if ((found ? p->at - 1 : in->size) - p->trailer > WEB_HEAD_MAX)
		return fail(err, "the lines after it do not end");
	if (!found)
		return 0;
	return line.size ? 1 : go_to(p, STEP_DONE);
}

int web_parse(struct web_parser *p, const char *bytes, size_t size, bool ended,
	struct web_answer *ret, struct werr **err)
{
	static int (*const steps[])(struct web_parser *, const struct input *, struct werr **) = {
		[STEP_STATUS] = read_status,
		[STEP_LINE] = read_line,
		[STEP_BODY] = read_body,
		[STEP_CHUNK_SIZE] = read_chunk_size,
		[STEP_CHUNK] = read_chunk,
		[STEP_CHUNK_END] = read_chunk_end,
		[STEP_TRAILER] = read_trailer,
	};
	const struct input in = {bytes, size, ended};
	int r = 1;

	while (r > 0 && p->step != STEP_DONE)
		r = steps[p->step](p, &in, err);
	if (r == 0 && ended)
		return fail(err, "its end is missing");
	if (r <= 0)
		return r;
	ret->status = p->status;
	ret->head = buf_steal(&p->lines);
	ret->size = p->body.len;
	ret->body = buf_steal(&p->body);
	return 1;
}
