/* SPDX-License-Identifier: Apache-2.0 */
/* Folders of small text files: "NAME.conf", read in the order of their names, a setting a line. */
#ifndef WHERRY_GUEST_CONFFILE_H
#define WHERRY_GUEST_CONFFILE_H

#include "base/error.h"

/* text: a line without the blanks around it. */
typedef int conffile_line(const char *text, void *ctx, struct werr **err);

/*
 * Calls do_line() for each line of text that isn't empty and doesn't begin with '#' or ';'. All
 * lines are done; *err becomes a list of what failed, each with name and the line's number. The
 * result is that of the first failure.
 */
int conffile_parse(
	const char *name, const char *text, conffile_line *do_line, void *ctx, struct werr **err);
/* The same for all files of the folder. Fine when there is no such folder. */
int conffile_each_line(const char *dir, conffile_line *do_line, void *ctx, struct werr **err);

#endif
