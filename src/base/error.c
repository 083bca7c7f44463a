/* SPDX-License-Identifier: Apache-2.0 */
#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"

static const struct {
	enum werr_kind kind;
	int code;
} codes[] = {
	/* An errno becomes the kind of its first row. */
	{WERR_FAILED, EIO},
	{WERR_INVALID, EINVAL},
	{WERR_USAGE, EINVAL},
	{WERR_CORRUPT, EBADMSG},
	{WERR_NOT_FOUND, ENOENT},
	{WERR_EXISTS, EEXIST},
	{WERR_DENIED, EACCES},
	{WERR_DENIED, EPERM},
	{WERR_DENIED, EROFS},
	{WERR_NO_SPACE, ENOSPC},
	{WERR_NO_SPACE, EDQUOT},
	{WERR_LIMIT, E2BIG},
	{WERR_UNSUPPORTED, EOPNOTSUPP},
	{WERR_TIMEOUT, ETIMEDOUT},
	{WERR_CANCELLED, ECANCELED},
};

int werr_code(enum werr_kind kind)
{
	for (size_t i = 0; i < ARRAY_SIZE(codes); i++)
		if (codes[i].kind == kind)
			return -codes[i].code;
	return -EIO;
}

static enum werr_kind kind_of_errno(int errnum)
{
	for (size_t i = 0; i < ARRAY_SIZE(codes); i++)
		if (codes[i].code == errnum)
			return codes[i].kind;
	return WERR_FAILED;
}

static ATTR_PRINTF(3, 0) int setv(
	struct werr **err, enum werr_kind kind, const char *fmt, va_list ap)
{
	if (err) {
		struct werr *e = mem_new(struct werr);

		e->kind = kind;
		e->message = str_printfv(fmt, ap);
		werr_free(*err);
		*err = e;
	}
	return werr_code(kind);
}

int werr_set(struct werr **err, enum werr_kind kind, const char *fmt, ...)
{
	va_list ap;
	int r;

	va_start(ap, fmt);
	r = setv(err, kind, fmt, ap);
	va_end(ap);
	return r;
}

int werr_errno(struct werr **err, int errnum, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	setv(err, kind_of_errno(errnum), fmt, ap);
	va_end(ap);
	if (err) {
		CLEANUP(free) char *what = (*err)->message;

		(*err)->message = str_printf("%s: %s", what, strerror(errnum));
	}
	return -errnum;
}

int werr_at(
	struct werr **err, const char *file, unsigned line, unsigned column, const char *fmt, ...)
{
	va_list ap;
	int r;

	va_start(ap, fmt);
	r = setv(err, WERR_INVALID, fmt, ap);
	va_end(ap);
	if (err) {
		(*err)->file = file ? str_dup(file) : NULL;
		(*err)->line = line;
		(*err)->column = column;
	}
	return r;
}

void werr_wrap(struct werr **err, const char *fmt, ...)
{
	CLEANUP(free) char *what = NULL;
	CLEANUP(free) char *old = NULL;
	va_list ap;

	if (!err || !*err)
		return;
	va_start(ap, fmt);
	what = str_printfv(fmt, ap);
	va_end(ap);
	old = (*err)->message;
	(*err)->message = str_printf("%s: %s", what, old);
}

void werr_hint(struct werr **err, const char *fmt, ...)
{
	va_list ap;

	if (!err || !*err || (*err)->hint)
		return;
	va_start(ap, fmt);
	(*err)->hint = str_printfv(fmt, ap);
	va_end(ap);
}

void werr_append(struct werr **err, struct werr *more)
{
	if (!err) {
		werr_free(more);
		return;
	}
	while (*err)
		err = &(*err)->next;
	*err = more;
}

void werr_pass(struct werr **err, struct werr *why)
{
	if (err)
		werr_free(STEAL(*err));
	werr_append(err, why);
}

void werr_collect(struct werr **err, int *result, int r, struct werr *why)
{
	werr_append(err, why);
	if (*result == 0)
		*result = r;
}

void werr_free(struct werr *err)
{
	while (err) {
		struct werr *next = err->next;

		free(err->message);
		free(err->hint);
		free(err->file);
		free(err);
		err = next;
	}
}
