/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A Dockerfile, as far as it names images: FROM, COPY --from, ADD --from, RUN --mount=from
 * (Docker's Dockerfile reference). The rest is the builder's. The text may be anybody's.
 */
#ifndef WHERRY_PKG_DOCKERFILE_H
#define WHERRY_PKG_DOCKERFILE_H

#include "base/str.h"
#include "oci/platform.h"

enum {
	DOCKERFILE_SIZE_MAX = 1 << 20,
	DOCKERFILE_IMAGES_MAX = 256,
	DOCKERFILE_NAMES_MAX = 1000, /* of arguments, and of stages */
};

/* Bytes of the text; length 0: there is no such part. */
struct dockerfile_range {
	size_t start, length;
};

/* A place that names an image. Names of stages and "scratch" are none. */
struct dockerfile_image {
	char *name;     /* ARGs of FROM are filled in */
	char *platform; /* of FROM --platform, filled in; NULL: the one that is built for */
	/* Where they are written; the platform comes first. */
	struct dockerfile_range at_platform, at;
	unsigned line; /* from 1 */
};

struct dockerfile {
	struct dockerfile_image *images; /* as they come in the text */
	size_t n, cap;
	struct strv args; /* what ARG declares anywhere, each name once */
};

struct dockerfile_input {
	const char *name; /* of the file, for errors */
	const char *text;
	size_t size;                          /* at most DOCKERFILE_SIZE_MAX, else WERR_LIMIT */
	const struct strv *args;              /* "NAME=VALUE" of --build-arg; NULL: none */
	const struct platform *target, *host; /* of the image, and of this machine */
};

/*
 * Find the images. WERR_INVALID with the place of the mistake; WERR_UNSUPPORTED, with the place,
 * when FROM has an expansion that only a shell knows.
 */
int dockerfile_parse(const struct dockerfile_input *in, struct dockerfile *ret, struct werr **err);
void dockerfile_cleanup(struct dockerfile *d);

/* ---- dockerfile-words.c ---- */

/*
 * Remove quotes and backslashes from a word (escape: what quotes a character, '\\' or '`') and
 * replace $NAME, ${NAME}, ${NAME:-WORD} and ${NAME:+WORD} (also without the colon) by what vars,
 * "NAME=VALUE" with the last one in force, have. *ret is owned by the caller. WERR_INVALID,
 * WERR_LIMIT, WERR_UNSUPPORTED.
 */
int dockerfile_expand(
	const char *word, char escape, const struct strv *vars, char **ret, struct werr **err);
/* The value of a variable in such a list, or NULL. */
const char *dockerfile_variable(const struct strv *vars, const char *name, size_t size);

/* ---- dockerfile-lines.c ---- */

/* An instruction: physical lines joined, without comments. */
struct dockerfile_line {
	char *text; /* NUL-terminated */
	size_t *at; /* where each byte of it is in the file */
	size_t length, cap, cap_at;
	unsigned number; /* of its first line, from 1 */
};
struct dockerfile_reader {
	const char *text;
	size_t size, position;
	unsigned number; /* of the next line, from 1 */
	char escape;     /* from the directive of that name: '\\' or '`' */
};
void dockerfile_reader_init(struct dockerfile_reader *r, const char *text, size_t size);
/* Read the next instruction into *line, whose memory is used again. False at the end. */
bool dockerfile_read_line(struct dockerfile_reader *r, struct dockerfile_line *line);
/* Skip the lines of a here-document. False when its end is missing. tabs: "<<-". */
bool dockerfile_skip_document(struct dockerfile_reader *r, const char *end, bool tabs);
void dockerfile_line_cleanup(struct dockerfile_line *line);

#endif
