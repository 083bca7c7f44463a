/* SPDX-License-Identifier: Apache-2.0 */
/* What a package says of itself: for lists of packages. */
#ifndef WHERRY_PKG_PKG_ABOUT_H
#define WHERRY_PKG_PKG_ABOUT_H

#include "base/error.h"
#include "base/str.h"

struct pkg_about {
	char *image;
	char *comment;      /* that at the top of build.yml, on one line; "": there is none */
	char *does;         /* its beginning, by pkg_about_begin; may be "" */
	bool runs;          /* its image asks for something to be run */
	struct strv arches; /* empty: all */
	/* What its label asks for, in the words of build.yml. */
	struct strv capabilities, binds, devices;
	char *net, *pid; /* NULL: not said */
};

/* Read DIR/build.yml. Mistakes in it are errors with a place (*err may be a list). */
int pkg_about_read(const char *dir, struct pkg_about *ret, struct werr **err);
void pkg_about_cleanup(struct pkg_about *a);

/* The comment at the top of a text of YAML, its lines joined by spaces; owned by the caller. */
char *pkg_about_comment(const char *text);
/*
 * What a comment begins with: all before its first '.', ':' or ';' that a space or the end follows,
 * outside of `...`. tools/check-components-doc has the same rule, and a limit. Owned by the caller.
 */
char *pkg_about_begin(const char *comment);

#endif
