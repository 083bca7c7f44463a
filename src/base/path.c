/* SPDX-License-Identifier: Apache-2.0 */
#include "base/path.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"

enum { NAME_MAX_BYTES = 255 };

char *path_join(const char *dir, const char *name)
{
	size_t n = strlen(dir);

	if (name[0] == '/' || n == 0)
		return str_dup(name);
	return str_printf("%s%s%s", dir, dir[n - 1] == '/' ? "" : "/", name);
}

/* The length of path without trailing slashes ("/" keeps its only one). */
static size_t trimmed(const char *path)
{
	size_t n = strlen(path);

	while (n > 1 && path[n - 1] == '/')
		n--;
	return n;
}

char *path_base(const char *path)
{
	size_t end = trimmed(path), start = end;

	if (end == 1 && path[0] == '/')
		return str_dup("");
	while (start > 0 && path[start - 1] != '/')
		start--;
	return str_dup_n(path + start, end - start);
}

char *path_dir(const char *path)
{
	size_t end = trimmed(path);

	while (end > 0 && path[end - 1] != '/')
		end--;
	while (end > 1 && path[end - 1] == '/')
		end--;
	return end ? str_dup_n(path, end) : str_dup(".");
}

bool path_go_up(struct buf *path)
{
	const char *slash = strrchr(buf_str(path), '/');

	if (path->len == 0)
		return false;
	buf_truncate(path, slash ? (size_t)(slash - buf_str(path)) : 0);
	return true;
}

static char *clean(const char *path, bool may_go_up)
{
	CLEANUP(buf) struct buf b = BUF_INIT(PATH_MAX_BYTES);

	while (*path) {
		size_t n = strcspn(path, "/");

		if (n == 2 && memcmp(path, "..", 2) == 0) {
			if (!may_go_up || !path_go_up(&b))
				return NULL;
		} else if (n > NAME_MAX_BYTES) {
			return NULL;
		} else if (n > 0 && !(n == 1 && *path == '.')) {
			if (b.len)
				buf_putc(&b, '/');
			buf_add(&b, path, n);
		}
		path += n + (path[n] == '/');
	}
	return buf_error(&b) ? NULL : buf_steal(&b);
}

char *path_inside(const char *path)
{
	return clean(path, false);
}

char *path_clean(const char *path)
{
	return clean(path, true);
}

/* Match what comes before "**" with fnmatch at every possible end. */
bool path_match(const char *pattern, const char *path)
{
	const char *stars = strstr(pattern, "**");
	size_t n = strlen(pattern);

	if (!stars) {
		CLEANUP(free) char *whole = NULL;

		if (n == 0 || pattern[n - 1] != '/')
			return fnmatch(pattern, path, FNM_PATHNAME | FNM_NOESCAPE) == 0;
		whole = str_printf("%s**", pattern);
		return path_match(whole, path);
	}

	CLEANUP(free) char *head = str_dup_n(pattern, (size_t)(stars - pattern));
	const char *rest = stars + 2;

	for (size_t end = 0; end <= strlen(path); end++) {
		CLEANUP(free) char *start = str_dup_n(path, end);

		if (fnmatch(head, start, FNM_PATHNAME | FNM_NOESCAPE) != 0)
			continue;
		if (!*rest)
			return true;
		for (const char *tail = path + end;; tail++) {
			if (path_match(rest, tail))
				return true;
			if (!*tail)
				break;
		}
	}
	return false;
}
