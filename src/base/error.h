/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Errors. A function that can fail returns 0 or a negative errno and takes a `struct werr **err` as
 * its last argument, which may be NULL and otherwise must point at NULL. On failure it is filled:
 *
 *     if (fd < 0)
 *             return werr_errno(err, errno, "can't open %s", path);
 *
 * Each layer adds what it was doing with werr_wrap() ("import image.tar: blob sha256:...: ..."),
 * and the layer that knows the way out adds it with werr_hint(). Only src/cli prints errors.
 */
#ifndef WHERRY_BASE_ERROR_H
#define WHERRY_BASE_ERROR_H

#include "base/attr.h"

enum werr_kind {
	WERR_FAILED,      /* anything that has no kind of its own; -EIO */
	WERR_USAGE,       /* the command line is wrong; -EINVAL, exit code 2 */
	WERR_INVALID,     /* the content of the user's file or of an image is wrong; -EINVAL */
	WERR_CORRUPT,     /* bytes do not match their digest, or a format is broken; -EBADMSG */
	WERR_NOT_FOUND,   /* -ENOENT */
	WERR_EXISTS,      /* -EEXIST */
	WERR_DENIED,      /* no permission; -EACCES */
	WERR_NO_SPACE,    /* the disk is full; -ENOSPC */
	WERR_LIMIT,       /* one of Wherry's own limits was reached; -E2BIG */
	WERR_UNSUPPORTED, /* understood, but not available; -EOPNOTSUPP */
	WERR_TIMEOUT,     /* -ETIMEDOUT */
	WERR_CANCELLED,   /* Ctrl-C; -ECANCELED */
};

struct werr {
	enum werr_kind kind;
	char *message; /* one line, no full stop at the end */
	char *hint;    /* NULL or one line: the way out */
	char *file;    /* NULL or the user's file, as the user named it */
	unsigned line; /* from 1; 0: not known */
	unsigned column;
	struct werr *next; /* the next mistake, when a check finds several */
};

/* Fill *err; return the kind's negative errno. */
int werr_set(struct werr **err, enum werr_kind kind, const char *fmt, ...) ATTR_PRINTF(3, 4);
/* The same from an errno (positive), whose text is added after ": "; returns -errnum. */
int werr_errno(struct werr **err, int errnum, const char *fmt, ...) ATTR_PRINTF(3, 4);
/* The same, with a place in the user's file (line 0: the file as a whole). */
int werr_at(struct werr **err, const char *file, unsigned line, unsigned column, const char *fmt,
	...) ATTR_PRINTF(5, 6);

/* Put "what: " before the message (of the first error, when there are several). */
void werr_wrap(struct werr **err, const char *fmt, ...) ATTR_PRINTF(2, 3);
/* Set the hint, unless a lower layer, which knew better, has set one. */
void werr_hint(struct werr **err, const char *fmt, ...) ATTR_PRINTF(2, 3);
/* Put more (owned, may be NULL) at the end of the list; free it when err is NULL. */
void werr_append(struct werr **err, struct werr *more);
/*
 * Hand why (owned, may be NULL) on to the caller: it replaces *err. It is freed when the caller
 * wants no error (err is NULL).
 */
void werr_pass(struct werr **err, struct werr *why);
/*
 * Collect the errors of steps that all run even if some of them fail. r is what a step returned;
 * why (owned, may be NULL) is its error, which goes to the end of the list. *result, initially 0,
 * keeps the code of the first step that failed.
 *
 *     for (size_t i = 0; i < n; i++) {
 *             struct werr *why = NULL;
 *             int r = step(&items[i], &why);
 *
 *             werr_collect(err, &result, r, why);
 *     }
 *     return result;
 */
void werr_collect(struct werr **err, int *result, int r, struct werr *why);

/* The kind's negative errno. */
int werr_code(enum werr_kind kind);
/* Frees the whole list; NULL is fine. */
void werr_free(struct werr *err);
DEFINE_CLEANUP(struct werr *, werr_free, werr)

#endif
