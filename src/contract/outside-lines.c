/* SPDX-License-Identifier: Apache-2.0 */
/* Frames and answers, as lines: both sides of contract/outside.h. */
#include "contract/outside.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base64.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"

/* {"WORD":"VALUE"} */
#define HEAD(word_) "{\"" word_ "\":\""
#define TAIL        "\"}"
static const char *const heads[] = {
	[OUTSIDE_IN] = HEAD("in"),
	[OUTSIDE_OUT] = HEAD("out"),
	[OUTSIDE_ERR] = HEAD("err"),
	[OUTSIDE_SIZE] = HEAD("size"),
	[OUTSIDE_TAKEN] = HEAD("taken"),
};
_Static_assert(ARRAY_SIZE(heads) == OUTSIDE_KINDS, "a head for each kind");

/* ---- frames ---- */

void outside_frame_cleanup(struct outside_frame *f)
{
	buf_clear(&f->bytes);
}

static bool parse_size(const char *value, struct outside_frame *f)
{
	char *x = strchr(value, 'x');
	CLEANUP(free) char *rows = x ? str_dup_n(value, (size_t)(x - value)) : NULL;

	return x && str_to_u64(rows, 10, &f->rows) == 0 &&
	       str_to_u64(x + 1, 10, &f->columns) == 0 && f->rows <= OUTSIDE_SIZE_MAX &&
	       f->columns <= OUTSIDE_SIZE_MAX;
}

static bool parse_value(const char *value, size_t size, struct outside_frame *f)
{
	char number[32];

	if (f->kind < OUTSIDE_SIZE)
		return base64_read(value, size, &f->bytes) && buf_error(&f->bytes) == 0;
	if (size >= sizeof(number) || memchr(value, 0, size))
		return false;
	memcpy(number, value, size);
	number[size] = 0;
	return f->kind == OUTSIDE_SIZE ? parse_size(number, f)
				       : str_to_u64(number, 10, &f->taken) == 0;
}

bool outside_frame_parse(const char *line, size_t size, struct outside_frame *ret)
{
	for (size_t i = 0; i < OUTSIDE_KINDS; i++) {
		size_t n = strlen(heads[i]);

		if (size < n + strlen(TAIL) || memcmp(line, heads[i], n) != 0 ||
			memcmp(line + size - strlen(TAIL), TAIL, strlen(TAIL)) != 0)
			continue;
		ret->kind = (enum outside_kind)i;
		if (parse_value(line + n, size - n - strlen(TAIL), ret))
			return true;
		outside_frame_cleanup(ret);
		*ret = OUTSIDE_FRAME_INIT;
		return false;
	}
	return false;
}

void outside_frame_add_bytes(struct buf *out, enum outside_kind kind, const void *p, size_t size)
{
	buf_puts(out, heads[kind]);
	base64_add(out, p, size);
	buf_puts(out, TAIL "\n");
}

void outside_frame_add_size(struct buf *out, unsigned rows, unsigned columns)
{
	buf_printf(out, "%s%ux%u" TAIL "\n", heads[OUTSIDE_SIZE], rows, columns);
}

void outside_frame_add_taken(struct buf *out, uint64_t bytes)
{
	buf_printf(out, "%s%llu" TAIL "\n", heads[OUTSIDE_TAKEN], (unsigned long long)bytes);
}

/* ---- the owner's side ---- */

void outside_reader_cleanup(struct outside_reader *r)
{
	buf_clear(&r->in);
}

void outside_reader_expect(struct outside_reader *r)
{
	static unsigned serial;

	/* What an earlier client left unread has another one. */
	str_format(r->id, sizeof(r->id), "%d-%llu-%u", (int)getpid(),
		(unsigned long long)clock_us(), serial++);
	r->begun = r->ended = false;
}

/* Whether a line is {"WORD":"ID"}, as the supervisor writes it. */
static bool is_mark(const struct outside_reader *r, const char *word, const char *line, size_t size)
{
	char mark[OUTSIDE_ID_MAX + 32];

	str_format(mark, sizeof(mark), "{\"%s\":\"%s\"}", word, r->id);
	return *r->id && size == strlen(mark) && memcmp(line, mark, size) == 0;
}

/* A line with its newline. */
static void take_line(
	struct outside_reader *r, char *line, size_t size, outside_take *take, void *ctx)
{
	line[--size] = 0;
	if (is_mark(r, OUTSIDE_BEGIN, line, size)) {
		r->begun = true;
	} else if (r->begun && is_mark(r, OUTSIDE_END, line, size)) {
		r->begun = false;
		r->ended = true;
	} else if (r->begun && size > 0) {
		take(ctx, line, size);
	}
}

void outside_reader_add(
	struct outside_reader *r, const char *bytes, size_t size, outside_take *take, void *ctx)
{
	while (size > 0) {
		const char *end = memchr(bytes, '\n', size);
		size_t n = end ? (size_t)(end - bytes) + 1 : size;

		if (!r->skips)
			buf_add(&r->in, bytes, n);
		r->skips = r->skips || buf_error(&r->in) < 0;
		if (end && !r->skips)
			take_line(r, r->in.data, r->in.len, take, ctx);
		if (end || r->skips)
			buf_clear(&r->in);
		if (end)
			r->skips = false;
		bytes += n;
		size -= n;
	}
}
