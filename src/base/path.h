/* SPDX-License-Identifier: Apache-2.0 */
/* Paths as text; nothing here accesses the file system. Results are owned by the caller. */
#ifndef WHERRY_BASE_PATH_H
#define WHERRY_BASE_PATH_H

#include <stdbool.h>

#include "base/buf.h"

/* Of a path that can be opened, without its NUL. */
enum { PATH_MAX_BYTES = 4095 };

/* dir/name; name alone when it is absolute or dir is empty. */
char *path_join(const char *dir, const char *name);
/* What follows the last slash ("a/b/" gives "b", "/" gives ""). */
char *path_base(const char *path);
/* The directory the last name is in: "a/b" gives "a", "b" gives ".", "/b" gives "/". */
char *path_dir(const char *path);
/*
 * The path inside a root: no leading or trailing slash, no empty part, no "."; the root itself is
 * "". NULL when a part is ".." or longer than 255 bytes, or the whole is longer than 4095.
 */
char *path_inside(const char *path);
/* The same, but ".." removes the name before it. NULL when it leads out of the root. */
char *path_clean(const char *path);
/* Remove the last name and its slash from a path inside a root; false when it is the root (""). */
bool path_go_up(struct buf *path);
/*
 * Whether the pattern matches the whole path. '*' and '?' stop at a slash, '**' does not, [a-z] is
 * a set. A pattern that ends with a slash matches everything below that directory.
 */
bool path_match(const char *pattern, const char *path);

#endif
