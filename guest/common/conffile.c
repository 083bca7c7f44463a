/* SPDX-License-Identifier: Apache-2.0 */
#include "common/conffile.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "common/fs.h"

enum { CONFFILE_MAX = 1 << 20 };

/* Strip leading and trailing white space, in place. */
static char *trim(char *s)
{
	char *end = s + strlen(s);

	while (end > s && isspace((unsigned char)end[-1]))
		end--;
	*end = 0;
	while (isspace((unsigned char)*s))
		s++;
	return s;
}

/* Append an error, with its place in the file, to the list. */
static void keep(struct werr **list, struct werr *e, const char *name, unsigned line)
{
	if (e && !e->file) {
		e->file = str_dup(name);
		e->line = line;
	}
	if (list)
		werr_append(list, e);
	else
		werr_free(e);
}

int conffile_parse(
	const char *name, const char *text, conffile_line *do_line, void *ctx, struct werr **err)
{
	CLEANUP(strv) struct strv lines = {0};
	int result = 0;

	strv_split(&lines, text, '\n');
	for (size_t i = 0; i < lines.n; i++) {
		char *s = trim(lines.items[i]);
		struct werr *e = NULL;
		int r;

		if (!*s || *s == '#' || *s == ';')
			continue;
		r = do_line(s, ctx, &e);
		if (r < 0)
			keep(err, e, name, (unsigned)i + 1);
		result = result < 0 ? result : r;
	}
	return result;
}

static int parse_file(const char *path, conffile_line *do_line, void *ctx, struct werr **err)
{
	CLEANUP(free) char *text = NULL;
	struct werr *e = NULL;
	size_t size;
	int r = file_read(path, CONFFILE_MAX, &text, &size, &e);

	if (r < 0) {
		keep(err, e, path, 0);
		return r;
	}
	return conffile_parse(path, text, do_line, ctx, err);
}

int conffile_each_line(const char *dir, conffile_line *do_line, void *ctx, struct werr **err)
{
	CLEANUP(strv) struct strv names = {0};
	const char *name;
	int result = fs_names(dir, &names);

	if (result < 0)
		return result == -ENOENT ? 0 : werr_errno(err, -result, "can't read %s", dir);
	STRV_FOREACH (name, &names) {
		CLEANUP(free) char *path = path_join(dir, name);
		int r = str_ends_with(name, ".conf") ? parse_file(path, do_line, ctx, err) : 0;

		result = result < 0 ? result : r;
	}
	return result;
}
