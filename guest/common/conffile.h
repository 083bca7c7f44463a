/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Directories of small text files "NAME.conf", read in the order of their names, one setting per
 * line.
 */
#ifndef WHERRY_GUEST_CONFFILE_H
#define WHERRY_GUEST_CONFFILE_H

#include "base/error.h"

/* text: a line without leading and trailing white space. */
typedef int conffile_line(const char *text, void *ctx, struct werr **err);

/*
 * Call do_line() for each line of text that is not empty and does not begin with '#' or ';'. A
 * failure does not stop it: *err becomes a list of all failures, each with the file's name and the
 * line's number. The result is that of the first failure.
 */
int conffile_parse(
	const char *name, const char *text, conffile_line *do_line, void *ctx, struct werr **err);
/* The same for all files of a directory. A directory that does not exist is empty. */
int conffile_each_line(const char *dir, conffile_line *do_line, void *ctx, struct werr **err);

#endif
